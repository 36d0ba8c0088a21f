// What the request handler asks of the guest tokens; the public face `GuestTokens` is a thin layer over it.
import type { Freshness, Guest } from '@genesys-guest/common';
import type { TokenSettings } from '../options/settings.ts';
import type { Shared } from '../store/shared.ts';
import type { GuestToken } from '../store/store.ts';

/** What is at hand for a guest. */
export interface Standing {
  /** `missing`: none. `changed`: a good one, but for other attributes, and a new one may be issued by now. */
  readonly state: Freshness | 'missing' | 'changed';
  /** Present and not expired with `fresh`, `ageing` and `changed`. */
  readonly token: GuestToken | undefined;
}

export interface CallerOptions {
  /** The site itself says who this is; such guests are served before newcomers known by a cookie alone. */
  readonly identified?: boolean | undefined;
  /** Asked before this caller causes a call; it throws to refuse. Not asked when a call is under way already. */
  readonly gate?: (() => void | Promise<void>) | undefined;
  /** Aborted when the caller hangs up. */
  readonly signal?: AbortSignal | undefined;
}

/** A token for the caller; where it is an old one because no new one could be had, when to ask again. */
export interface Outcome {
  readonly token: GuestToken;
  /** Seconds. */
  readonly retryIn?: number;
}

export interface Core {
  readonly settings: TokenSettings;
  /** The clock that every token of this core is judged by, in milliseconds. */
  readonly now: () => number;
  /** What all instances have in common, where the store is a shared one. */
  readonly shared?: Shared | undefined;
  /** Never calls Genesys. @throws GuestTokenError `guest_invalid` */
  find(webchatId: string, guest: Guest): Promise<Standing>;
  /**
   * A token outside its renewal window, made if need be; where none can be had, the old one as long as it is good.
   * @throws GuestTokenError
   */
  renew(webchatId: string, guest: Guest, caller?: CallerOptions): Promise<Outcome>;
  /** As {@link renew}, but an ageing token is answered at once while one renewal runs behind it. */
  obtain(webchatId: string, guest: Guest, caller?: CallerOptions): Promise<Outcome>;
  forget(webchatId: string, externalId: string): Promise<boolean>;
  health(): Health;
  close(): Promise<void>;
}

export interface Health {
  /** False once closed. Stays true while Genesys or Redis is down: visitors are still answered. */
  readonly ready: boolean;
  /** How the last call for an access token went. */
  readonly oauth: 'unknown' | 'ok' | 'failing';
  /** `open`: Genesys is taken to be down and gets a probe now and then. */
  readonly breaker: 'closed' | 'half-open' | 'open';
  readonly store: 'memory' | 'connected' | 'unavailable';
}
