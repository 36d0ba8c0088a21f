// The timing rules: when a token is renewed and how long a failed call waits. Pure: time and chance come in as arguments.

/** The longest delay that a JavaScript timer keeps, 2^31-1 ms (24.8 days); above it a timer fires at once. */
export const MAX_DELAY = 2_147_483_647;

/** A delay that a timer can keep: at least 0, at most {@link MAX_DELAY}; what is not a number waits longest. */
export const clampDelay = (ms: number): number =>
  Number.isNaN(ms) ? MAX_DELAY : Math.min(Math.max(ms, 0), MAX_DELAY);

/** When a token was issued and when it expires, both in milliseconds of one clock. */
export interface Lifetime {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** `fresh`: use it. `ageing`: use it, and renew it behind. `expired`: it is of no use. */
export type Freshness = 'fresh' | 'ageing' | 'expired';

/**
 * Milliseconds before expiry from which a token is renewed: `renewBefore`, but never more than half its lifetime, so
 * that a token which lives less than the margin is not renewed on every call.
 */
export const renewalWindow = ({ issuedAt, expiresAt }: Lifetime, renewBefore: number): number =>
  Math.max(0, Math.min(renewBefore, (expiresAt - issuedAt) / 2));

/** How good a token is at `now`. */
export const freshness = (token: Lifetime, renewBefore: number, now: number): Freshness => {
  if (now >= token.expiresAt) return 'expired';
  return now >= token.expiresAt - renewalWindow(token, renewBefore) ? 'ageing' : 'fresh';
};

/** Whole seconds that a token is still good for: rounded down, so that nobody is promised more than there is. */
export const secondsLeft = ({ expiresAt }: Lifetime, now: number): number =>
  Math.max(0, Math.floor((expiresAt - now) / 1000));

/** Whole seconds until the renewal window opens: rounded up, so that who asks then is not told to ask again. */
export const secondsUntilRenewal = (token: Lifetime, renewBefore: number, now: number): number =>
  Math.max(0, Math.ceil((token.expiresAt - renewalWindow(token, renewBefore) - now) / 1000));

/**
 * Milliseconds to wait before try number `attempt` (1 is the first repetition): exponential with full jitter, above the
 * server's `Retry-After` where it gave one. Users report a second 429 after waiting exactly as long as they were told,
 * so the jitter goes on top of that floor.
 *
 * @param random a number from 0 up to 1
 * @param floor milliseconds that the server asked for
 */
export const backoff = (
  attempt: number,
  { base, cap }: { readonly base: number; readonly cap: number },
  random: number,
  floor = 0,
): number => clampDelay(floor + random * Math.min(cap, base * 2 ** Math.min(attempt - 1, 30)));
