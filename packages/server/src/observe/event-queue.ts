// Where events wait for their receiver: in this process' memory, bounded, unless a shared store keeps them.
import type { CloudEvent } from './cloud-event.ts';

/** An event with the name by which its queue knows it. */
export interface QueuedEvent {
  readonly key: string;
  readonly event: CloudEvent;
}

export interface EventQueue {
  /** Takes an event at once; false where it is full. */
  offer(event: CloudEvent): boolean;
  /** The next events, oldest first, none where none waits. They stay in the queue until they are settled. */
  next(most: number): Promise<readonly QueuedEvent[]>;
  /** Takes them out: the receiver has them, or refuses them. */
  settle(events: readonly QueuedEvent[], how: 'delivered' | 'refused'): Promise<void>;
  /** Events that wait or are being sent, as far as is known here. */
  readonly size: number;
  /** Milliseconds between two looks where others add too; absent where nobody else does. */
  readonly poll?: number | undefined;
  /** @returns how many events are lost with it */
  close(): Promise<number>;
}

/**
 * Why an event was given up: the queue was full (`overflow`), the receiver refused it again and again (`refused`),
 * `close()` could not wait longer (`closed`), or it was sealed with a secret that is in use no more (`unreadable`).
 */
export type DropReason = 'overflow' | 'refused' | 'closed' | 'unreadable';

/** Opens the queue of a shared store, for events that are to survive this process. */
export type OpenEventQueue = (
  max: number,
  onDropped: (reason: DropReason, count: number) => void,
) => EventQueue;

export const createMemoryQueue = (max: number): EventQueue => {
  const waiting: QueuedEvent[] = [];
  return {
    offer: (event) => {
      if (waiting.length >= max) return false;
      waiting.push({ key: event.id, event });
      return true;
    },
    next: async (most) => waiting.slice(0, most),
    // Only the oldest are ever being sent.
    settle: async (events) => {
      waiting.splice(0, events.length);
    },
    get size() {
      return waiting.length;
    },
    close: async () => waiting.splice(0).length,
  };
};
