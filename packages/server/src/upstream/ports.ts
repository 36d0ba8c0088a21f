// What this room is given: its resolved options, and what a shared store can do for it.
import type { CheckedGuest, Lifetime } from '@genesys-guest/common';
import type { Dispatcher } from 'undici';
import type { UpstreamCall } from '../observe/ports.ts';
import type { IssueOptions } from '../store/ports.ts';

/** How calls to Genesys Cloud are made, and their limits. */
export interface UpstreamLimits {
  /** Calls that may leave in any 60 s. Default 300. */
  readonly perMinute: number;
  /** Instances that share a store: while it is away each makes its part of `perMinute`. Absent: the whole. */
  readonly instances?: number | undefined;
  /** Calls under way at a time. Default 32. */
  readonly concurrency: number;
  /** Calls waiting for their turn. Default 1,000. */
  readonly maxQueue: number;
  /** Milliseconds of one try. Default 5,000. */
  readonly timeout: number;
  /** Milliseconds of all tries together, waits included. Default 15,000. */
  readonly deadline: number;
  /**
   * A dispatcher of undici 7 or newer: for a proxy, a client certificate, a private authority. The site closes it.
   * Default: undici's own, which heeds HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
   */
  readonly dispatcher?: Pick<Dispatcher, 'dispatch'> | undefined;
}

export interface UpstreamOptions extends UpstreamLimits {
  readonly endpoints: { readonly oauthToken: string; readonly guestTokens: string };
  readonly clientId: string;
  readonly clientSecret: () => string | Promise<string>;
}

/** An OAuth access token. Times are milliseconds of this instance's clock. */
export interface AccessToken extends Lifetime {
  readonly value: string;
}

/** The access token of all instances. */
export interface SharedAccessToken {
  /** One that suffices, fetched by one instance at a time. @throws what `fetch` throws */
  issue(options: IssueOptions<AccessToken>): Promise<AccessToken>;
  /** The platform did not take this one: nobody gets it any more. */
  drop(refused: AccessToken): void;
}

/**
 * Who is served first when not all can be. `known`: renewals, and guests whom the site identified. `newcomer`: others.
 * `frequent`: newcomers from an address that has caused several calls in this minute, so that who has had least is served
 * before. Each may use a part of the window: see KEPT_SHARE.
 */
export type Priority = 'known' | 'newcomer' | 'frequent';

/** Counts the calls of the last 60 s: at most so many leave in any of them, and none during a pause. */
export interface SlidingWindow {
  /** Takes one call: 0 where it may leave now, else milliseconds until it is worth asking again. Never throws. */
  take(priority: Priority): number | Promise<number>;
  /** The call that was taken last does not leave after all. */
  giveBack(): void;
  /** Milliseconds until `calls` more could leave, as far as is known here. */
  forecast(calls: number, priority: Priority): number;
  /** No call leaves for so many milliseconds. */
  pause(ms: number): void;
  /**
   * What the platform itself says: calls that it allows in its window, calls left in its present one, and milliseconds
   * until that one ends.
   */
  learn(allowed: number, left: number, resetIn: number): void;
  /** Calls that could leave now. */
  readonly left: number;
}

export interface Budget {
  readonly perMinute: number;
  /** Calls that could leave now. */
  readonly left: number;
  /** Calls that wait for their turn. */
  readonly waiting: number;
}

export interface UpstreamContext {
  readonly now: () => number;
  readonly random: () => number;
  /** What all instances share, where the store is a shared one. */
  readonly slidingWindow?: SlidingWindow | undefined;
  readonly accessToken?: SharedAccessToken | undefined;
}

export interface GuestTokenRequest {
  readonly guest: CheckedGuest;
  readonly webchatId: string;
  /** Seconds. */
  readonly lifetime: number;
}

/** Who asks, which decides who is served first when not all can be. */
export interface Caller {
  readonly priority: Priority;
  /** When the guest's present token expires: the earliest goes first. */
  readonly expiresAt?: number | undefined;
  /** Milliseconds of the clock at which the caller gives up. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of each call that has left, once it is over. */
  readonly onCall: (call: UpstreamCall) => void;
}
