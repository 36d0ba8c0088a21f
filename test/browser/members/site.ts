// A site with members for browsers: its sign-in, its mount as the provider, and an emulated Genesys Cloud that asks it.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Emulator, type EmulatorOptions, startEmulator } from '@genesys-guest/emulator';
import { type GenesysGuestOptions, genesysGuest } from '@genesys-guest/server';
import express from 'express';
import { afterEach } from 'vitest';
import { emulated } from '../../emulated.ts';
import { FIRST } from '../webkit.ts';

export const WEBCHAT = 'deployment-with-members';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const CLIENT = { clientId: 'genesys-messenger', clientSecret: 'a-secret-of-the-integration-32-letters' };

const MEMBERS: Readonly<Record<string, object>> = {
  ada: { email: 'ada@shop.example', given_name: 'Ada', family_name: 'Lindqvist' },
  kofi: { email: 'kofi@shop.example', given_name: 'Kofi', family_name: 'Mensah' },
};

/** What the agent sees proven of each, and of a visitor who is not signed in. */
export const ADA = {
  isAuthenticated: true,
  sub: 'member-ada',
  email: 'ada@shop.example',
  name: 'Ada Lindqvist',
};
export const KOFI = { ...ADA, sub: 'member-kofi', email: 'kofi@shop.example', name: 'Kofi Mensah' };
export const NOBODY = { isAuthenticated: false };

/** Who is signed in stands in a cookie; its end is the end of the site's session. */
const identify: GenesysGuestOptions['identify'] = (req) => {
  const [, name = ''] = /(?:^|; )member=(\w+)/.exec(req.headers.cookie ?? '') ?? [];
  return MEMBERS[name] && { externalId: `member-${name}`, claims: MEMBERS[name] };
};

export interface MembersSite {
  readonly url: string;
  readonly emulator: Emulator;
  /** Lets the platform's clock go on. */
  wait(minutes: number): void;
  /** How often it was asked this under `/chat`, such as `POST /auth-code`. */
  asked(request: string): number;
}

/** What the agent has proven of the visitor, for each conversation. */
export const provenOf = ({ emulator }: MembersSite) => emulator.conversations().map(({ proven }) => proven);

const page = (head: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A shop</title><link rel="icon" href="data:,">${head}</head>
<body><main><h1>A shop</h1></main></body>
</html>`;

const start = async (emulatorOptions: EmulatorOptions, tag: string) => {
  let ahead = 0;
  const emulator = await startEmulator({ now: () => Date.now() + ahead, ...emulatorOptions });
  const app = express();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${url}/chat/oidc`;
  const guest = genesysGuest({
    ...emulated(emulator),
    webchatId: WEBCHAT,
    secrets: ['a secret of this test, 32 characters'],
    identify,
    members: { issuer, ...CLIENT, signingKeys: [privateKey] },
  });
  emulator.setOidc({ discoveryUri: `${issuer}/.well-known/openid-configuration`, ...CLIENT });

  const asked = new Map<string, number>();
  app.use('/chat', (req, _res, next) => {
    const request = `${req.method} ${req.path}`;
    asked.set(request, (asked.get(request) ?? 0) + 1);
    next();
  });
  app.use('/chat', guest);
  app.post('/sign-in/:name', (req, res) => void res.cookie('member', req.params.name).sendStatus(204));
  app.post('/sign-out', (_req, res) => void res.clearCookie('member').sendStatus(204));
  app.get('/', (_req, res) => void res.set('Cache-Control', 'no-store').send(page(FIRST + tag)));
  app.get('/blank', (_req, res) => void res.send(page('')));
  return {
    url,
    emulator,
    wait(minutes: number) {
      ahead += minutes * 60_000;
    },
    asked: (request: string) => asked.get(request) ?? 0,
    async close() {
      server.close();
      server.closeAllConnections();
      await guest.close();
      await emulator.close();
    },
  };
};

export type StartMembersSite = (
  auth: NonNullable<EmulatorOptions['auth']>,
  more?: EmulatorOptions,
  tag?: string,
) => Promise<MembersSite>;

/** Sites that end with their test. */
export const membersSites = (): StartMembersSite => {
  const started: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const { close } of started.splice(0)) await close();
  });
  return async (auth, more = {}, tag = '<script src="/chat/boot.js" async></script>') => {
    const site = await start({ auth, ...more }, tag);
    started.push(site);
    return site;
  };
};
