// Guest tokens without HTTP: a job that onboards a guest and prints its config, the telemetry and the audit log.
import { startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens, GuestTokenError } from '@genesys-guest/server';

// With GENESYSCLOUD_REGION set it is your own organisation, and the environment names the rest; else an emulated one.
const emulator = process.env.GENESYSCLOUD_REGION ? undefined : await startEmulator();
const tokens = createGuestTokens(
  emulator && {
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: 'demo-deployment',
    endpoints: emulator.endpoints,
  },
);

tokens.on('issued', ({ externalId, latencyMs }) => {
  console.log(`A token was issued for ${externalId} in ${Math.round(latencyMs)} ms.\n`);
});

/** A guest token is a key: a few characters are enough to see that there is one. */
const withoutToken = (config) => ({ ...config, guestToken: `${config.guestToken?.slice(0, 6)}…` });

try {
  const guest = { externalId: 'customer-12345', attributes: { plan: 'gold', locale: 'en-GB' } };
  const config = await tokens.onboard(guest);
  // The second one is answered from memory: the telemetry counts a cache hit and no further call.
  await tokens.onboard(guest);
  console.log('Config', withoutToken(config));
  console.log('\nTelemetry', tokens.telemetry());
  console.log('\nAudit log', tokens.auditLog());
} catch (error) {
  if (!(error instanceof GuestTokenError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await tokens.close();
  await emulator?.close();
}
