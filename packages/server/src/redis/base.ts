// What every part of this room is given.
import type { StoreContext } from '../upstream/shared-store.ts';
import type { Commands } from './commands.ts';
import type { Names } from './keys.ts';
import type { RedisClock } from './redis-clock.ts';

export interface RedisBase extends StoreContext {
  readonly commands: Pick<Commands, 'run' | 'read' | 'state'>;
  readonly names: Names;
  readonly clock: RedisClock;
}

/** Numbers of a script's answer: whatever else there is counts as 0. */
export const numbers = (reply: unknown): number[] =>
  (Array.isArray(reply) ? reply : [reply]).map((value) => {
    const number = typeof value === 'object' ? 0 : Number(value);
    return Number.isFinite(number) ? number : 0;
  });

/** Commands that are sent in one go: of thousands at once Redis answers the last too late, and counts as gone again. */
const AT_ONCE = 100;

/** Tells all of them to a Redis that is back. One that fails, as in a cluster whose slots move, does not stop the others. */
export const tellAll = async <T>(all: Iterable<T>, tell: (one: T) => Promise<unknown>): Promise<void> => {
  const rest = [...all];
  while (rest.length > 0) await Promise.allSettled(rest.splice(0, AT_ONCE).map(tell));
};
