// What the rooms above tell this one.

/** The two calls that this package makes to Genesys Cloud. */
export type Call = 'oauth' | 'guest-tokens';

/** Something that is wrong now. */
export interface Failing {
  readonly what: Call | 'budget' | 'store' | 'instances';
  /** For the operator. Never a secret, a token or a guest. */
  readonly reason: string;
  /** Milliseconds of the clock. */
  readonly since: number;
}

/** Why a cached token is gone. */
export type InvalidationReason = 'renewed' | 'attributes_changed' | 'forgotten' | 'evicted';

/** Which cached token is gone, and why. */
export interface Invalidation {
  /** Whose it was. */ readonly externalId: string;
  /** The deployment that it was for. */ readonly webchatId: string;
  /** Why. */ readonly reason: InvalidationReason;
}

/** A failed call, in words for the operator. Never a secret, a token or what was sent. */
export interface CallFailure {
  readonly reason: string;
  readonly fix: string;
  readonly status?: number | undefined;
  readonly correlationId?: string | undefined;
  /** Seconds that the platform asked to wait. */
  readonly retryAfter?: number | undefined;
}

/** A call that has left and is over. */
export interface UpstreamCall {
  readonly call: Call;
  /** Milliseconds of the clock that the tokens are judged by. */
  readonly startedAt: number;
  readonly latencyMs: number;
  /** Milliseconds that it had waited in the request queue. */
  readonly waitedMs: number;
  readonly status: number | undefined;
  readonly failure: CallFailure | undefined;
}
