// Puts a Genesys Cloud on loopback in the platform's place, for one file of tests.
const { startEmulator } = require('@genesys-guest/emulator');

exports.startPlatform = async () => {
  const emulator = await startEmulator();
  Object.assign(process.env, {
    GENESYSCLOUD_REGION: 'eu-west-1',
    GENESYS_GUEST_WEBCHAT_ID: 'test-deployment',
    GENESYS_GUEST_SECRETS: 'a secret that signs cookies in tests alone',
    GENESYS_GUEST_EMULATOR: emulator.url,
  });
  return emulator;
};
