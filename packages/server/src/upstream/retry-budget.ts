// Limits repetitions to a part of the calls: where most calls fail, repeating each of them only adds to the load.

export interface RetryBudget {
  /** A call succeeded. */
  earn(): void;
  /** Takes one repetition; false where none is left. */
  spend(): boolean;
}

/** Repetitions that may be made without any success, and the most that can be saved up. */
const CAPACITY = 100;

/** Repetitions earned by a success. */
const EARNED = 0.2;

export const createRetryBudget = (): RetryBudget => {
  let left = CAPACITY;
  return {
    earn: () => {
      left = Math.min(CAPACITY, left + EARNED);
    },
    spend: () => {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
};
