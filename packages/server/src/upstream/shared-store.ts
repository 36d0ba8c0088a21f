// What a store is told when it is opened, and what a shared one does for the other rooms.
import type { OpenEventQueue } from '../observe/event-queue.ts';
import type { Log } from '../observe/log.ts';
import type { StoreContext as CommonContext, RateCounter } from '../store/ports.ts';
import type { SharedAccessToken, SlidingWindow, UpstreamOptions } from './ports.ts';

export interface StoreContext extends CommonContext {
  readonly webchatId: string;
  /** The first encrypts, all decrypt. */
  readonly secrets: readonly string[];
  readonly upstream: UpstreamOptions;
  /** Seconds. */
  readonly tokenLifetime: number;
  readonly log: Log;
  /** Another instance was told to erase this guest. */
  readonly onErased: (externalId: string) => void;
}

export interface SharedServices {
  readonly accessToken: SharedAccessToken;
  readonly slidingWindow: SlidingWindow;
  readonly counter: RateCounter;
  readonly events: OpenEventQueue;
}
