// A shop's page with no chat, with Genesys' own snippet, or with ours; its Messenger is the emulator's, made as heavy as the real one.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startEmulator } from '@genesys-guest/emulator';
import { genesysGuest } from '@genesys-guest/server';
import express from 'express';

/** Bytes of Messenger before it is compressed. */
const MESSENGER_BYTES = 1_100_000;
const DEPLOYMENT = 'deployment-of-this-page';
const BOOTSTRAP = '/genesys-bootstrap/genesys.min.js';

/** The same every time, and nothing that gzip makes much of. */
const createNoise = () => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
};

/** Code as a bundler leaves it: small functions, every third of which is run when the script is. */
const padding = (bytes) => {
  const noise = createNoise();
  const word = () => `w${noise().toString(36)}`;
  let text = '';
  for (let number = 0; text.length < bytes; number += 1) {
    const code = `function(n,t){t.${word()}=function(r){var o=n.length+${noise()};for(var i=0;i<r.length;i++)o=(o*31+r.charCodeAt(i))|0;return{${word()}:"${word()}${word()}",x:o}};n.push("${word()} ${word()}");return n}`;
    text += number % 3 === 0 ? `e=(${code})(e,{});\n` : `e.push(${code});\n`;
  }
  return `(function(){var e=[];${text}})();\n`;
};

/** Hands everything on to the emulator, and gives its script the weight. */
const startPlatform = async (emulator) => {
  const script = await (await fetch(emulator.endpoints.bootstrap)).text();
  const heavy = gzipSync(padding(MESSENGER_BYTES - script.length) + script, { level: 9 });
  const { host, hostname, port } = new URL(emulator.url);
  const server = createServer((req, res) => {
    if (req.url === BOOTSTRAP) {
      const headers = {
        'content-type': 'text/javascript',
        'content-encoding': 'gzip',
        'cache-control': 'max-age=60',
      };
      res.writeHead(200, headers).end(heavy);
      return;
    }
    const { method, url: path, headers } = req;
    req.pipe(
      request({ hostname, port, method, path, headers: { ...headers, host } }, (answer) => {
        res.writeHead(answer.statusCode, answer.headers);
        answer.pipe(res);
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, bytes: heavy.length, url: `http://127.0.0.1:${server.address().port}` };
};

/** A picture of noise, as large as that of a product. */
const picture = () => {
  const [width, height] = [240, 200];
  const pixels = Buffer.alloc(width * height * 3);
  const noise = createNoise();
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = noise();
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + pixels.length, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, pixels]);
};

const snippet = (url) => `<script>(function (w, d) {
  w._genesysJs = 'Genesys';
  w.Genesys = w.Genesys || function () { (w.Genesys.q = w.Genesys.q || []).push(arguments); };
  w.Genesys.t = 1 * new Date();
  w.Genesys.c = { environment: 'prod-euw1', deploymentId: '${DEPLOYMENT}' };
  var s = d.createElement('script'); s.async = 1; s.src = '${url}'; s.charset = 'utf-8'; d.head.appendChild(s);
})(window, document)</script>`;

const document = (head) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css">
${head}</head><body><h1>A shop</h1><img src="/picture.bmp" width="360" height="300" alt="A product">
${'<p>What there is to say about it, in one line or two, as shops have it.</p>'.repeat(40)}</body></html>`;

/** Starts the shop: a page for each variant. */
export const startShop = async () => {
  const emulator = await startEmulator({ tokenLifetime: 86_400, rateLimit: 100_000 });
  const platform = await startPlatform(emulator);
  const bootstrap = `${platform.url}${BOOTSTRAP}`;
  const guest = genesysGuest({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: DEPLOYMENT,
    endpoints: { ...emulator.endpoints, bootstrap },
    secrets: ['a secret of this benchmark, 32 characters'],
    mintsPerMinute: 100_000,
  });
  const heads = {
    none: '',
    snippet: snippet(bootstrap),
    default: '<script src="/chat/boot.js" async></script>',
    facade: '<script src="/chat/boot.js" data-launcher="facade" async></script>',
  };
  const app = express();
  app.use('/chat', guest);
  app.get(
    '/shop.css',
    (_req, res) => void res.type('css').send('body{margin:16px;font:16px/1.5 sans-serif}'.padEnd(8_000)),
  );
  const image = picture();
  app.get('/picture.bmp', (_req, res) => void res.type('image/bmp').send(image));
  for (const [name, head] of Object.entries(heads))
    app.get(`/${name}`, (_req, res) => void res.send(document(head)));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    emulator,
    messengerBytes: platform.bytes,
    url: (variant) => `http://127.0.0.1:${server.address().port}/${variant}`,
    async close() {
      for (const one of [server, platform.server]) {
        one.close();
        one.closeAllConnections();
      }
      await guest.close();
      await emulator.close();
    },
  };
};
