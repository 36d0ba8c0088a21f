// A stampede: 1,000 callers want one new guest's token in the same moment.
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens } from '@genesys-guest/server';
import { round } from './measure.js';

export const stampede = async () => {
  const emulator = await startEmulator();
  const tokens = createGuestTokens({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'bench',
    endpoints: emulator.endpoints,
  });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 1_000 }, () => tokens.onboard({ externalId: 'anna' })));
  const took = performance.now() - startedAt;
  const { oauthToken, guestTokens } = emulator.stats();
  await tokens.close();
  await emulator.close();
  return [
    {
      name: 'Stampede: 1,000 callers of one new guest',
      figures: `${oauthToken} OAuth call, ${guestTokens} guest-token call, ${round(took, 0)} ms`,
      ratio: (oauthToken + guestTokens) / 2,
      goal: '1 and 1',
    },
  ];
};
