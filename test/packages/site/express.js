// A small Express site, for the bundlers and for each Node.
import { genesysGuest } from '@genesys-guest/server';
import express from 'express';
import { options } from './options.js';

const guest = genesysGuest(options());
const server = express()
  .use('/chat', guest)
  .listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await guest.close();
});
