// Whatever comes in whatever order: callers, time, forgetting and faults, each token is good and its guest's own.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import type { StoreFactory } from '../options/resolved-options.ts';
import { memoryStore } from '../store/memory-store.ts';
import { settled } from '../testing/promises.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';

const FAULTS = ['reset', 'cut', 'empty', 'html', 'wrong-shape', 'other-guest', 'past-expiry'] as const;

const guest = fc.constantFrom('anna', 'bert', 'cleo');
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constantFrom('onboard', 'renew'), guest, hangsUp: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('forget'), guest }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('pass'), seconds: fc.integer({ min: 1, max: 900 }) }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('fault'), fault: fc.constantFrom(...FAULTS) }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('refuse'), status: fc.constantFrom(400, 401, 403, 500) }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('settle') }) },
);

interface Move {
  readonly act: string;
  readonly guest?: string;
  readonly hangsUp?: boolean;
  readonly seconds?: number;
  readonly fault?: (typeof FAULTS)[number];
  readonly status?: number;
}

/** A memory store that sees how many tokens are being made for one guest at a time. */
const watchedStore = (most: { atATime: number }): StoreFactory => ({
  kind: 'memory',
  open: (context) => {
    const store = memoryStore().open(context);
    const making = new Map<string, number>();
    const count = (externalId: string, by: number): void => {
      making.set(externalId, (making.get(externalId) ?? 0) + by);
      most.atATime = Math.max(most.atATime, ...making.values());
    };
    return {
      ...store,
      issue: (key, options) =>
        store.issue(key, {
          ...options,
          issue: async () => {
            count(key.externalId, 1);
            return options.issue().finally(() => count(key.externalId, -1));
          },
        }),
    };
  },
});

/** Lives as long as the longest pause between two steps, so that every state of a token is met. */
const LIFETIME = 1_200;

describe('interleavings', () => {
  it('never give an expired token, another guest’s, or two calls for one guest at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const most = { atATime: 0 };
        const { service, emulator, pass } = await startRig({
          tokenLifetime: LIFETIME,
          store: watchedStore(most),
        });
        const answers: Promise<void>[] = [];
        const hangUps: AbortController[] = [];
        const ask = async ({ act, guest = 'anna', hangsUp }: Move): Promise<void> => {
          const hangUp = hangsUp ? new AbortController() : undefined;
          if (hangUp) hangUps.push(hangUp);
          try {
            const caller = { signal: hangUp?.signal, mayAge: act === 'onboard' };
            const { token } = await service.renew(WEBCHAT, { externalId: guest }, caller);
            expect(token.externalId).toBe(guest);
            expect(token.expiresAt).toBeGreaterThan(service.now());
          } catch (error) {
            expect(error).toBeInstanceOf(GuestTokenError);
          }
        };
        for (const move of steps as readonly Move[]) {
          if (move.act === 'onboard' || move.act === 'renew') answers.push(ask(move));
          else if (move.act === 'forget') await service.forget(WEBCHAT, move.guest ?? 'anna');
          else if (move.act === 'pass') {
            // An answer that has come is the caller's; what becomes of it later is not the core's.
            await settled();
            pass(move.seconds ?? 0);
          } else if (move.act === 'fault')
            emulator.fault({ call: 'guestTokens', fault: move.fault ?? 'reset' });
          else if (move.act === 'refuse')
            emulator.fault({ call: 'guestTokens', fault: 'status', status: move.status });
          else {
            hangUps.shift()?.abort();
            await Promise.allSettled(answers.splice(0));
          }
        }
        await Promise.all(answers);
        expect(most.atATime).toBeLessThanOrEqual(1);
        await service.close();
        await emulator.close();
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
