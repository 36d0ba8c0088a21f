// What boot.js and members.js know of each other. Copies of different versions meet in it: names and shapes are fixed.
import type { MessengerSettings, OnboardingConfig } from '@genesys-guest/common';
import type { Api } from '../api.ts';
import type { GuestError, GuestErrorCode } from '../errors.ts';
import type { Page } from '../page.ts';
import type { BootOptions } from '../types.ts';

export interface MembersTools {
  readonly options: BootOptions;
  readonly page: Page;
  /** `members` says whether the mount has members, or proofs alone. */
  readonly settings: MessengerSettings;
  /** Ends the session. */
  readonly signal: AbortSignal;
  readonly api: Api;
  /** Ends the conversation that goes on. */
  end(): Promise<void>;
  /** Tells an error, and returns it. */
  fail(error: GuestError): GuestError;
}

export interface Members {
  /** Takes an answer of our server. `sudden`: a renewal found somebody else, and no call of `refresh` asked for it. */
  adopt(config: OnboardingConfig, sudden?: boolean): void;
  /** Messenger is on the page, or its queue is. */
  attached(): void;
  /** Calls `go` once Messenger may be used. Where it may not, says why to `refuse`; `go` may still follow. */
  gate(go: () => void, refuse: (code?: GuestErrorCode) => void): void;
  /** A member was here, who is not any more. */
  left(): void;
}

/** Starts members for the living session, and extends its `open`, `refresh` and `forget`. */
export type StartMembers = (tools: MembersTools) => Promise<Partial<Members>>;
