// Lines on their way to a file or stream: bounded, in order, one batch at a time, tried again until they are written.
import { backoff } from '@genesys-guest/common';

/** Takes a batch of lines. */
export interface LineTarget {
  /**
   * Writes whole lines in order, and says how many of them are surely there; the rest is tried again.
   * @throws what keeps it from writing, never anything of the lines
   */
  write(lines: readonly string[]): Promise<Written>;
}

export interface Written {
  readonly lines: number;
  /** Why not all. */
  readonly code?: string | undefined;
}

export interface LineBuffer {
  add(line: string): void;
  readonly dropped: number;
  /** Tries once more to write what waits. */
  close(): Promise<void>;
}

export interface LineBufferOptions {
  readonly target: LineTarget;
  readonly max: number;
  readonly onTrouble: (code: string, dropped: number) => void;
}

/** Lines of one write. */
const BATCH = 500;

/** Milliseconds in which lines gather: what a process that is killed may lose. */
const GATHERING = 100;

/** Between two tries, in ms. */
const BACKOFF = { base: 250, cap: 10_000 } as const;

export const createLineBuffer = ({ target, max, onTrouble }: LineBufferOptions): LineBuffer => {
  const waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let dropped = 0;
  let untold = 0;
  let failures = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const batch = (): string[] => {
    if (untold > 0) {
      const line = { timestamp: new Date().toISOString(), action: 'DROPPED', count: untold };
      untold = 0;
      waiting.push(JSON.stringify(line));
    }
    return waiting.slice(0, BATCH);
  };

  /** Writes until nothing waits or something is in the way. */
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const { lines, code } = await target.write(batch());
      waiting.splice(0, lines);
      if (code === undefined) {
        failures = 0;
        continue;
      }
      failures += 1;
      onTrouble(code, dropped);
      if (closed) return;
      timer = setTimeout(start, backoff(failures, BACKOFF, 0.5 + Math.random() / 2));
      timer.unref();
      return;
    }
  };

  const start = (): void => {
    timer = undefined;
    writing ??= drain().finally(() => {
      writing = undefined;
    });
  };

  /** A little later, so that a busy site's lines go in few writes. */
  const schedule = (): void => {
    if (writing || timer) return;
    timer = setTimeout(start, GATHERING);
  };

  return {
    add: (line) => {
      if (closed || waiting.length >= max) {
        dropped += 1;
        untold += 1;
        return;
      }
      waiting.push(line);
      schedule();
    },
    get dropped() {
      return dropped;
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await writing;
      start();
      await writing;
      dropped += waiting.length;
      waiting.length = 0;
    },
  };
};
