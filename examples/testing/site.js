// The site that is tested: the chat, and a page of its own that knows its visitor. All settings come from the environment.
const { once } = require('node:events');
const { genesysGuest } = require('@genesys-guest/server');
const express = require('express');

exports.startSite = async (port = 0) => {
  const guest = genesysGuest();
  const app = express();
  app.use('/chat', guest);
  app.get('/', async (req, res) => {
    const visitor = await guest.visitor(req);
    res.send(`<!doctype html><html lang="en"><title>Shop</title>
      <h1>${visitor ? 'Welcome back' : 'Welcome'}</h1><script src="/chat/boot.js" async></script></html>`);
  });
  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await guest.close();
    },
  };
};
