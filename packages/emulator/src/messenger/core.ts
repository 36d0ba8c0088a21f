// What the parts of `MessagingService` share.
import type { Auth } from './auth.ts';
import type { Plugin } from './bus.ts';
import type { Conversation } from './conversation.ts';
import type { DeploymentConfig } from './deployment.ts';
import type { Started } from './handshake.ts';
import type { Session } from './session.ts';
import type { Frame } from './wire.ts';

export interface Core {
  readonly plugin: Plugin;
  readonly session: Session;
  readonly conversation: Conversation;
  readonly auth: Auth;
  readonly config: DeploymentConfig;
  /** Begins or goes on with the session, if this page is not in it yet. */
  ensure(): Promise<void>;
  send(text: string): Promise<void>;
  /** The conversation is over for this browser. */
  over(frame: Frame): void;
  begun(started: Started): void;
  /** Publishes an error. */
  report(reason: unknown): void;
}
