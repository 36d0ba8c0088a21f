// Requires every package as an existing site or Jest does, and starts the emulator.
const { boot } = require('@genesys-guest/browser');
const { startEmulator } = require('@genesys-guest/emulator');
const { GenesysGuestProvider } = require('@genesys-guest/react');
const { genesysGuest } = require('@genesys-guest/server');
const { redisStore } = require('@genesys-guest/server/redis');

const start = async () => {
  const emulator = await startEmulator();
  const { status } = await fetch(emulator.endpoints.bootstrap);
  await emulator.close();
  return [status, ...[boot, GenesysGuestProvider, genesysGuest, redisStore].map((face) => typeof face)].join(
    ' ',
  );
};

module.exports = { start };
if (require.main === module) start().then(console.log);
