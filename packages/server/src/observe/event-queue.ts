// Where events wait for their receiver: in this process' memory, bounded, unless a shared store keeps them.
import { AUDIT_ACTIONS, type AuditAction } from './audit-entry.ts';
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
  /** Takes out those of one guest that are not being sent already. */
  erase(externalId: string): Promise<void>;
  /** Events that wait or are being sent, as far as is known here. */
  readonly size: number;
  /** Milliseconds between two looks where others add too; absent where nobody else does. */
  readonly poll?: number | undefined;
  /** @returns how many events are lost with it */
  close(): Promise<number>;
}

/** Whether an event is of a guest's past. That of the erasure stays: with pseudonyms it has the same name. */
export const isOf = (externalId: string, { data }: CloudEvent): boolean =>
  data.externalId === externalId && data.action !== 'ERASED';

/**
 * Why an event was given up: the queue was full (`overflow`), the receiver refused it again and again (`refused`),
 * `close()` could not wait longer (`closed`), or it was encrypted with a secret that is in use no more (`unreadable`).
 */
export type DropReason = 'overflow' | 'refused' | 'closed' | 'unreadable';

/** Opens the queue of a shared store, for events that are to survive this process. */
export type OpenEventQueue = (
  max: number,
  onDropped: (reason: DropReason, count: number) => void,
) => EventQueue;

/**
 * A full queue drops the newest event of the action that takes most of it: a flood of one action, as of forgetting,
 * costs the others none of theirs.
 */
export const createMemoryQueue: OpenEventQueue = (max, onDropped) => {
  let waiting: QueuedEvent[] = [];
  let sending = 0;
  const counts: Record<AuditAction, number> = { ISSUED: 0, RENEWED: 0, FAILED: 0, FORGOTTEN: 0, ERASED: 0 };

  /** Whether there is room for one more event of this action, after another was dropped for it. */
  const makeRoom = (action: AuditAction): boolean => {
    const largest = AUDIT_ACTIONS.reduce((a, b) => (counts[b] > counts[a] ? b : a));
    if (counts[action] + 1 >= counts[largest]) return false;
    const newest = waiting.findLastIndex(({ event }) => event.data.action === largest);
    if (newest < sending) return false;
    waiting.splice(newest, 1);
    counts[largest] -= 1;
    onDropped('overflow', 1);
    return true;
  };

  return {
    offer: (event) => {
      const { action } = event.data;
      if (waiting.length >= max && !makeRoom(action)) return false;
      waiting.push({ key: event.id, event });
      counts[action] += 1;
      return true;
    },
    next: async (most) => {
      const batch = waiting.slice(0, most);
      sending = batch.length;
      return batch;
    },
    settle: async (events) => {
      const settled = new Set(events);
      waiting = waiting.filter((event) => !settled.has(event));
      sending = Math.max(0, sending - events.length);
      for (const { event } of events) counts[event.data.action] -= 1;
    },
    erase: async (externalId) => {
      waiting = waiting.filter(({ event }, index) => {
        const stays = index < sending || !isOf(externalId, event);
        if (!stays) counts[event.data.action] -= 1;
        return stays;
      });
    },
    get size() {
      return waiting.length;
    },
    close: async () => waiting.splice(0).length,
  };
};
