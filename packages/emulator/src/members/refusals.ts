// Why members were refused: the platform does not say, the emulator tells whoever develops with it.
import type { Call } from '../stats.ts';

/** Why a member was refused. */
export interface Refusal {
  /** At which call. */
  readonly call: Call;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What was wrong. */
  readonly reason: string;
}

export interface Refusals {
  add(call: Call, reason: string): void;
  list(): readonly Refusal[];
  reset(): void;
}

/** The newest that are kept. */
const MOST = 100;

export const createRefusals = (now: () => number): Refusals => {
  let entries: readonly Refusal[] = [];
  return {
    add(call, reason) {
      entries = [...entries, { call, at: now(), reason }].slice(-MOST);
    },
    list: () => entries,
    reset() {
      entries = [];
    },
  };
};
