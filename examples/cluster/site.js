// One process of the site. All that makes it one of many is the store.
import { createServer } from 'node:http';
import { genesysGuest } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import express from 'express';

/** @param {import('@genesys-guest/server').GenesysGuestOptions} options what the environment does not say */
export const createSite = (options = {}) => {
  const app = express();
  const guest = genesysGuest({
    store: redisStore({ url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }),
    logger: console,
    ...options,
  });
  app.use('/chat', guest);
  app.get('/health', (_req, res) => res.json({ pid: process.pid, ...guest.health() }));
  app.get('/', (_req, res) => {
    res.set('Cache-Control', 'no-store').type('html');
    res.send(`<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>A cluster</title>
  <h1>Process ${process.pid} answered</h1>
  <p>Reload: another may answer, with the same guest and the same token.</p>
  <script src="/chat/boot.js" async></script>
</html>`);
  });
  return { server: createServer(app), guest };
};
