// The same site for the servers of Bun and Deno, which speak Request and Response.
import { genesysGuest } from '@genesys-guest/server';
import { options } from './options.js';

const guest = genesysGuest(options());
const where = { port: 0, hostname: '127.0.0.1' };
const say = ({ port }) => console.log(`http://127.0.0.1:${port}`);

const startBun = ({ serve }) => {
  const fetch = (request, server) => guest.fetch(request, { ip: server.requestIP(request)?.address });
  const server = serve({ ...where, fetch });
  say(server);
  return () => server.stop(true);
};

const startDeno = ({ serve }) => {
  const answer = (request, { remoteAddr }) => guest.fetch(request, { ip: remoteAddr.hostname });
  const server = serve({ ...where, onListen: say }, answer);
  return () => server.shutdown();
};

const stop = globalThis.Bun ? startBun(globalThis.Bun) : startDeno(globalThis.Deno);

process.once('SIGTERM', async () => {
  await stop();
  await guest.close();
});
