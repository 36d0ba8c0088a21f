// How long a question to Redis may take, in time that this process itself was given to run.

export interface Patience {
  /** What the answer is, or a {@link Silence} after {@link OPERATION_LIMIT}. */
  within<T>(answer: Promise<T>): Promise<T>;
  close(): void;
}

/** No answer came in time. */
export class Silence extends Error {
  override readonly name = 'Silence';
}

/** Milliseconds that any one question may take. */
export const OPERATION_LIMIT = 250;

/**
 * Milliseconds that it may take on a machine so busy that this process hardly runs. There an answer is late because
 * nobody could give or read it, and to take Redis for dead would only add calls to the load.
 */
const BUSY_LIMIT = 1_000;

const SLICE = 50;

interface Question {
  readonly askedAt: number;
  slices: number;
  readonly giveUp: () => void;
}

/** One timer for all questions, and none while there is no question. */
export const createPatience = (): Patience => {
  const open = new Set<Question>();
  let timer: NodeJS.Timeout | undefined;
  let lastTick = 0;

  const tick = (): void => {
    const at = performance.now();
    // A slice that came late is one in which we did not run.
    const ran = at - lastTick < 2 * SLICE;
    lastTick = at;
    for (const question of open) {
      if (ran) question.slices += 1;
      if (question.slices * SLICE >= OPERATION_LIMIT || at - question.askedAt >= BUSY_LIMIT)
        question.giveUp();
    }
  };
  const rest = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    within: (answer) =>
      new Promise((resolve, reject) => {
        const done = (): void => {
          open.delete(question);
          if (open.size === 0) rest();
        };
        const giveUp = (): void => {
          done();
          // Where the answer is there and only unread, it is read before this.
          setImmediate(() => reject(new Silence('no answer in time')));
        };
        const question: Question = { askedAt: performance.now(), slices: 0, giveUp };
        open.add(question);
        if (!timer) {
          lastTick = question.askedAt;
          timer = setInterval(tick, SLICE);
        }
        answer.then(resolve, reject).finally(done);
      }),
    close: rest,
  };
};
