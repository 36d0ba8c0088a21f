// What boot.js and guest.js know of each other. Copies of different versions meet in it: names and shapes are fixed.
import type { OnboardingConfig } from '@genesys-guest/common';
import type { Api } from '../api.ts';
import type { GuestError, GuestErrorCode } from '../errors.ts';
import type { GuestSession } from '../types.ts';

/** What tabs tell each other: an answer and when it was asked for, or nothing: the visitor was forgotten. */
export type Message = readonly [answer?: OnboardingConfig, at?: number];

export interface KeeperTools {
  readonly endpoint: string;
  readonly api: Api;
  /** Ends the session. */
  readonly signal: AbortSignal;
  /** The page's clock, ms. */
  readonly now: () => number;
  /** The first answer, which everybody has been told already, and when it was asked for, ms of the clock. */
  readonly first: Promise<readonly [answer: OnboardingConfig, asked: number]>;
  /** Is an anonymous visitor's token wanted? */
  readonly used: boolean;
  /** Tells the other tabs. */
  post(message: Message): void;
  /** Takes an answer. `sudden`: a renewal found someone else, nobody had asked. */
  adopt(config: OnboardingConfig, sudden?: boolean): void;
  /** Tells an error, and returns it. */
  fail(error: GuestError): GuestError;
  /** A member was here, who is not any more. */
  left(): void;
  guestError(code: GuestErrorCode): GuestError;
}

/** Keeps the token fresh. */
export interface Keeper extends Pick<GuestSession, 'getToken' | 'renew' | 'refresh'> {
  /** The newest answer, with the token while it is good; `undefined` until the first one. */
  config(): OnboardingConfig | undefined;
  token(): string | undefined;
  /** Keeps an anonymous visitor's token fresh, too, from now on. */
  use(): void;
  /** Another tab tells what it got. */
  hear(message: Message): void;
}

export type StartKeeper = (tools: KeeperTools) => Keeper;
