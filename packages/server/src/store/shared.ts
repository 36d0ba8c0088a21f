// What instances have in common beside the guests' tokens, where their store is a shared one.
import type { AccessToken } from '../genesys/access-token.ts';
import type { CallWindow } from '../genesys/call-window.ts';
import type { DurableQueue } from '../observe/observer.ts';

export interface Shared {
  readonly accessToken: SharedAccessToken;
  /** The calls of all instances, the pauses that the platform asked for, and what it counted itself. */
  readonly callWindow: CallWindow;
  readonly addresses: SharedAddresses;
  /** Opens the queue of the events that are to survive this process. */
  readonly events: DurableQueue;
}

/** The access token of all instances. */
export interface SharedAccessToken {
  /** One that suffices, made by one instance at a time. @throws what `mint` throws */
  make(options: {
    readonly suffices: (token: AccessToken) => boolean;
    readonly mint: () => Promise<AccessToken>;
  }): Promise<AccessToken>;
  /** The platform did not take this one: nobody gets it any more. */
  drop(refused: AccessToken): void;
}

/** Counts what addresses cause, across instances. */
export interface SharedAddresses {
  /**
   * Counts one call. Seconds until the address may cause another, or `undefined` where it may cause this one.
   * @throws where the others cannot be asked
   */
  consume(address: string, perMinute: number): Promise<number | undefined>;
}
