// `npm run dev`: the site with a Genesys Cloud on this machine. `npm start`: with your own, as the environment names it.
const { randomBytes } = require('node:crypto');
const { createApp } = require('./app.js');

const serve = (options, stop = async () => {}) => {
  const { app, guest } = createApp(options);
  const server = app.listen(Number(process.env.PORT ?? 3000), 'localhost', () => {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    console.log(`http://localhost:${address.port} (Ctrl-C stops)`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      server.close();
      server.closeAllConnections();
      await guest.close();
      await stop();
    });
  }
};

const emulated = async () => {
  const { startEmulator } = await import('@genesys-guest/emulator');
  const credentials = { clientId: 'demo-client', clientSecret: 'demo-secret' };
  const emulator = await startEmulator(credentials);
  const options = {
    region: 'eu-west-1',
    webchatId: 'demo-deployment',
    endpoints: emulator.endpoints,
    secrets: [randomBytes(32).toString('base64url')],
    ...credentials,
  };
  serve(options, emulator.close);
};

if (process.argv.includes('--emulator')) emulated();
else serve();
