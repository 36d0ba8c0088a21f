// One site of the warm path: our handler or a bare one with the same body, on Express 5 or on node:http alone.
import { createServer } from 'node:http';
import { genesysGuest } from '@genesys-guest/server';
import express from 'express';

const [variant, endpointsJson] = process.argv.slice(2);
const [host, kind] = variant.split('-');

const guest = genesysGuest({
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  webchatId: 'bench',
  endpoints: JSON.parse(endpointsJson),
  secrets: ['a secret of the benchmark, 32 characters'],
});

/** The visitor's journey up to the first token: what it leaves is a cookie, and a body for the bare handlers. */
const visit = async (origin) => {
  const first = await fetch(`${origin}/renew`, { method: 'POST' });
  const cookie = first.headers.get('set-cookie').split(';')[0];
  const second = await fetch(`${origin}/renew`, { method: 'POST', headers: { cookie } });
  const body = await second.json();
  if (!body.guestToken) throw new Error('the benchmark has no token');
  return { cookie, body };
};

const listen = (handler) =>
  new Promise((resolve) => {
    const server = createServer(handler).listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${server.address().port}`),
    );
  });

let body;
const bareHttp = (_req, res) => {
  const json = JSON.stringify(body);
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
  res.end(json);
};
const app = express();
app.use('/chat', guest);
app.get('/bare', (_req, res) => {
  res.json(body);
});

const origin = await listen(host === 'express' ? app : guest);
const visitor = await visit(host === 'express' ? `${origin}/chat` : origin);
body = visitor.body;
const bareUrl = host === 'express' ? `${origin}/bare` : await listen(bareHttp);
const oursUrl = host === 'express' ? `${origin}/chat/config` : `${origin}/config`;
process.send({ url: kind === 'bare' ? bareUrl : oursUrl, cookie: visitor.cookie });
