// A burst: 450 new guests in the same moment, on a platform that takes 300 calls a minute.
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { round } from './measure.js';

const GUESTS = 450;

/** Seconds in which the platform could serve them at best: 300 at once, and the others a minute later. */
const LEAST = 60;

const run = async (upstream) => {
  const emulator = await startEmulator({ rateLimit: 300 });
  const tokens = createGuestTokens({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'bench',
    endpoints: emulator.endpoints,
    upstream,
  });
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const ask = async (_, i) => {
    try {
      await tokens.onboard({ externalId: `guest ${i}` });
      return { served: true, at: seconds() };
    } catch ({ code, retryAfter }) {
      return { served: false, at: seconds(), code, retryAfter };
    }
  };
  const answers = await Promise.all(Array.from({ length: GUESTS }, ask));
  const { byStatus, oauthToken, guestTokens, earlyCount } = emulator.stats();
  await tokens.close();
  await emulator.close();
  return { answers, limited: byStatus[429] ?? 0, calls: oauthToken + guestTokens, earlyCount };
};

const patient = async () => {
  const { answers, limited, calls, earlyCount } = await run({ deadline: 120_000, maxQueue: 1_000 });
  const served = answers.filter((answer) => answer.served);
  const took = Math.max(...answers.map(({ at }) => at));
  return {
    name: `Burst: ${GUESTS} guests at once on 300 calls a minute, deadline raised`,
    figures: `${served.length} served in ${round(took, 1)} s, ${limited} of ${calls} calls met a 429, ${earlyCount} left early`,
    ratio: round(took / LEAST, 2),
    goal: 'all, at most 1.15, 429s under 1%',
  };
};

const byDefault = async () => {
  const { answers, limited } = await run({});
  const refused = answers.filter((answer) => !answer.served);
  const took = Math.max(...answers.map(({ at }) => at));
  const waits = refused.map(({ retryAfter }) => retryAfter);
  return {
    name: `Burst: ${GUESTS} guests at once, with the defaults`,
    figures: `${GUESTS - refused.length} served, ${refused.length} told to wait ${Math.min(...waits)} to ${Math.max(...waits)} s, ${limited} met a 429; the last answer after ${round(took, 2)} s`,
    ratio: '',
    goal: 'the excess at once',
  };
};

export const burst = async () => [await patient(), await byDefault()];
