// One call per guest at a time, shared by whoever asks, and called off only when all have left.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight.ts';

interface Job {
  readonly signal: AbortSignal | undefined;
  land(value: string): void;
  crash(): void;
}

const build = () => {
  const flights = new SingleFlight<string>();
  const jobs: Job[] = [];
  const work = (signal: AbortSignal | undefined): Promise<string> =>
    new Promise((resolve, reject) => {
      jobs.push({ signal, land: resolve, crash: () => reject(new Error('crashed')) });
    });
  return { flights, jobs, work };
};

it('start one call, however many start it', async () => {
  const { flights, jobs, work } = build();
  const answers = [flights.run('anna', work), flights.run('anna', work), flights.run('anna', work)];
  expect(jobs).toHaveLength(1);
  jobs[0]?.land('token');
  expect(await Promise.all(answers)).toEqual(['token', 'token', 'token']);
});

describe('callers who leave', () => {
  it('do not take the call from one who would have started it too', async () => {
    const { flights, jobs, work } = build();
    const hangUp = new AbortController();
    const answers = [flights.run('anna', work, hangUp.signal), flights.run('anna', work)];
    hangUp.abort();
    expect(jobs[0]?.signal?.aborted).toBe(false);
    jobs[0]?.land('token');
    expect(await Promise.all(answers)).toEqual(['token', 'token']);
  });

  it('do not take the call from one who stays', async () => {
    const { flights, jobs, work } = build();
    const hangUp = new AbortController();
    const gone = flights.run('anna', work, hangUp.signal);
    const stays = flights.run('anna', work);
    hangUp.abort();
    expect(jobs[0]?.signal?.aborted).toBe(false);
    jobs[0]?.land('token');
    expect(await stays).toBe('token');
    expect(await gone).toBe('token');
  });

  it('call it off when all have left', async () => {
    const { flights, jobs, work } = build();
    const [one, two] = [new AbortController(), new AbortController()];
    const calls = [flights.run('anna', work, one.signal), flights.run('anna', work, two.signal)];
    one.abort();
    expect(jobs[0]?.signal?.aborted).toBe(false);
    two.abort();
    expect(jobs[0]?.signal?.aborted).toBe(true);
    jobs[0]?.crash();
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(flights.has('anna')).toBe(false);
  });

  it('cannot leave one in a call that is called off already: that one gets a call of its own, afterwards', async () => {
    const { flights, jobs, work } = build();
    const hangUp = new AbortController();
    const gone = flights.run('anna', work, hangUp.signal);
    hangUp.abort();
    expect(flights.has('anna')).toBe(false);
    const late = flights.run('anna', work);
    expect(jobs).toHaveLength(1);
    jobs[0]?.crash();
    await gone.catch(() => {});
    expect(jobs).toHaveLength(2);
    jobs[1]?.land('token');
    expect(await late).toBe('token');
    expect(flights.has('anna')).toBe(false);
  });

  it('leave what their call brought all the same to who came after', async () => {
    const { flights, jobs, work } = build();
    const hangUp = new AbortController();
    const gone = flights.run('anna', work, hangUp.signal);
    hangUp.abort();
    const late = flights.run('anna', work);
    jobs[0]?.land('it had left');
    expect(await late).toBe('it had left');
    await gone;
    expect(jobs).toHaveLength(1);
  });
});

describe('whatever order', () => {
  it('never has two calls for one name, and leaves nobody without an answer', async () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('ask' as const), signalled: fc.boolean() }),
      fc.record({ act: fc.constantFrom('hang up', 'land', 'crash', 'tick'), nth: fc.nat(5) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const flights = new SingleFlight<string>();
        const open: { land: () => void; crash: () => void }[] = [];
        let underWay = 0;
        const work = async () => {
          underWay += 1;
          expect(underWay).toBe(1);
          try {
            return await new Promise<string>((resolve, reject) => {
              open.push({ land: () => resolve('token'), crash: () => reject(new Error('crashed')) });
            });
          } finally {
            underWay -= 1;
          }
        };
        const hangUps: AbortController[] = [];
        const answers: Promise<unknown>[] = [];
        for (const move of steps) {
          if (move.act === 'ask') {
            const hangUp = move.signalled ? new AbortController() : undefined;
            if (hangUp) hangUps.push(hangUp);
            const answer = flights.run('anna', work, hangUp?.signal);
            answers.push(answer.catch(() => 'failed'));
          } else if (move.act === 'hang up') hangUps[move.nth]?.abort();
          else if (move.act === 'land') open.shift()?.land();
          else if (move.act === 'crash') open.shift()?.crash();
          else await Promise.resolve();
        }
        while (flights.has('anna') || underWay > 0) {
          for (const job of open.splice(0)) job.land();
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await Promise.all(answers)).toHaveLength(answers.length);
      }),
      { numRuns: 200 },
    );
  });
});
