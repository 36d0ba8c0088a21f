// For tests: members behind Express or bare node:http, over real sockets.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import express from 'express';
import { onTestFinished } from 'vitest';
import type { Members } from '../members.ts';
import type { MemberIdentity } from '../ports.ts';
import { answerOf } from './rig.ts';

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** Mounts members below `/chat`, whoever `identity` names being signed in. */
export const handlerOf =
  (members: () => Members, identity: () => MemberIdentity | undefined): Handler =>
  async (req, res) => {
    const url = new URL(req.url ?? '', 'http://site.invalid');
    const parsed = (req as { readonly body?: unknown }).body;
    const answer = await answerOf(
      members(),
      url.pathname.replace(/^\/chat/i, ''),
    )({
      method: req.method ?? 'GET',
      headers: req.headers,
      query: url.searchParams,
      body: parsed ?? (await text(req)),
      identify: async () => identity(),
    });
    res.writeHead(answer.status, { ...answer.headers });
    res.end(answer.body);
  };

/** The URL of the site. It ends with the test. */
export const startServer = async (handler: Handler, port = 0): Promise<string> => {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** With the site's own body parsers in front. */
export const withParsers = (handler: Handler): Handler => {
  const app = express();
  app.use(express.urlencoded({ extended: true }), express.json(), handler);
  return app;
};
