// What this room is given, and what it answers.
import type { Freshness, Region } from '@genesys-guest/common';
import type { Failing } from '../observe/ports.ts';
import type { IssueTrace } from '../observe/spans.ts';
import type { GuestToken } from '../store/ports.ts';
import type { Budget, Priority } from '../upstream/ports.ts';

export interface TokenOptions {
  readonly region: Region;
  readonly webchatId: string;
  readonly source: 'guest-tokens' | 'none';
  /** URL of Messenger's script. */
  readonly bootstrap: string;
  /** Seconds asked for. */
  readonly tokenLifetime: number;
  /** Seconds before expiry from which a token is renewed. */
  readonly renewBefore: number;
  /** Milliseconds from a caller's arrival to its answer. */
  readonly deadline: number;
}

/** What is at hand for a guest. */
export interface Found {
  /** `missing`: none. `changed`: a good one, but for other attributes, and a new one may be issued by now. */
  readonly state: Freshness | 'missing' | 'changed';
  /** Present and not expired with `fresh`, `ageing` and `changed`. */
  readonly token: GuestToken | undefined;
}

export interface CallerOptions {
  /** Where there is no token yet. Default `newcomer`. */
  readonly priority?: Priority;
  /** What the caller has found already: it is not looked for again. */
  readonly found?: Found | undefined;
  /** An ageing token is answered at once, while one renewal runs behind it. */
  readonly mayAge?: boolean | undefined;
  /** Aborted when the caller hangs up. */
  readonly signal?: AbortSignal | undefined;
  /** The request's trace, so that the issue appears under it. */
  readonly trace?: IssueTrace | undefined;
}

/** What there is to tell a known guest. */
export interface Told {
  /** Where there is a good one. */
  readonly token?: GuestToken | undefined;
  /** Seconds or `NEVER`, where it is not the token's own schedule that decides: when to ask again. */
  readonly renewIn?: number | undefined;
}

/** A token for the caller; `renewIn` where it is an old one because no new one could be had. */
export type Outcome = Told & { readonly token: GuestToken };

/** How the tokens are, without a word of a guest. */
export interface Health {
  /** False once closed. Stays true while Genesys or Redis is down: visitors are still answered. */
  readonly ready: boolean;
  /** How the last call for an access token went. */
  readonly oauth: 'unknown' | 'ok' | 'failing';
  /** `open`: Genesys is taken to be down and gets a probe now and then. */
  readonly breaker: 'closed' | 'half-open' | 'open';
  /** `unavailable`: a shared store is away, and this instance works alone. */
  readonly store: 'memory' | 'connected' | 'unavailable';
  /** What is wrong, the oldest first: why, in words for the operator, and for how many seconds by now. */
  readonly failing: readonly (Omit<Failing, 'since'> & Readonly<Record<'seconds', number>>)[];
  /** Calls in any 60 s, calls that could leave now, and calls that wait for their turn. */
  readonly budget: Budget;
  /** Instances that share the store, as of the last minutes; 1 with `memoryStore`. */
  readonly instances: number;
  /** Of this package. */
  readonly version: string;
}

export interface CloseOptions {
  /** Milliseconds that closing may take: three quarters for issues under way, the rest for events. Default 10,000. */
  readonly timeout?: number | undefined;
}
