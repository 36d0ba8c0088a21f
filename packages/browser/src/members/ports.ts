// What boot.js and members.js know of each other. Copies of different versions meet in it: names and shapes are fixed.
import type { OnboardingConfig } from '@genesys-guest/common';
import type { Api } from '../api.ts';
import type { GuestError, GuestErrorCode } from '../errors.ts';
import type { Page } from '../page.ts';
import type { BootOptions } from '../types.ts';

export interface MembersTools {
  readonly options: BootOptions;
  readonly page: Page;
  readonly deploymentId: string;
  /** Else the mount has proofs alone. */
  readonly hasMembers: boolean | undefined;
  /** Ends the session. */
  readonly signal: AbortSignal;
  readonly api: Api;
  /** Asks our server again who this is. */
  refresh(): Promise<unknown>;
  /** Ends the conversation that goes on. */
  end(): Promise<void>;
  /** Tells an error, and makes one to throw. */
  fail(code: GuestErrorCode): GuestError;
  /** The launcher can be used. */
  onReady(): void;
  /** It cannot be used now. */
  onFailed(error: GuestError): void;
}

export interface Members {
  /** Messenger is on the page, or its queue is. */
  attached(): void;
  /** There is an answer of our server. `asked`: whether the page asked who this is, or a renewal found somebody else. */
  adopt(config: OnboardingConfig, asked?: boolean): void;
  /** Messenger's launcher is there. */
  launcherReady(): void;
  /** Resolves when Messenger's window may be opened. Rejects with `sign_in_required`, or late with `config_failed`. */
  opening(): Promise<void>;
  /** Resolves when nothing is being done about the last answer. */
  idle(): Promise<void>;
  /** The member signs out: of Messenger in all tabs and on all devices. Never rejects. */
  leave(): Promise<void>;
}

export type StartMembers = (tools: MembersTools) => Members;
