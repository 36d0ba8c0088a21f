// A site for hard days: any page, tokens of any length, an emulated Genesys Cloud of any mood; it counts what it is asked.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Emulator, type EmulatorOptions, startEmulator } from '@genesys-guest/emulator';
import { type GenesysGuest, type GenesysGuestOptions, genesysGuest } from '@genesys-guest/server';
import express, { type Response } from 'express';
import { afterEach } from 'vitest';
import { emulated } from '../../emulated.ts';
import { FIRST } from '../webkit.ts';

export const WEBCHAT = 'deployment-of-this-site';

export interface HardSite {
  readonly url: string;
  readonly emulator: Emulator;
  readonly guest: GenesysGuest;
  /** How often it was asked this under `/chat`, such as `POST /renew`. */
  asked(request: string): number;
}

export interface HardSiteOptions {
  /** What the page has in its head, the chat's script included. */
  readonly head?: string | ((emulator: Emulator) => string);
  readonly body?: string;
  /** Attributes of `<html>`; default `lang="en"`. */
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>> | ((emulator: Emulator) => Record<string, string>);
  /** `false`: the visitor's cookie never comes back. */
  readonly cookies?: boolean;
  /** Scripts that the page may ask for, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly emulator?: EmulatorOptions;
  readonly guest?: GenesysGuestOptions;
}

export const SCRIPT = '<script src="/chat/boot.js" async></script>';
/** With a token from the first moment, used or not. */
export const EAGER = '<script src="/chat/boot.js" data-token="eager" async></script>';
export const FACADE = '<script src="/chat/boot.js" data-launcher="facade" async></script>';

const document = (html: string, head: string, body: string) => `<!doctype html>
<html ${html}>
<head><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">${head}</head>
<body><main><h1>A page</h1>${body}</main></body>
</html>`;

/** The member that the cookie `member` names is signed in. */
const identify: GenesysGuestOptions['identify'] = (req) => {
  const [, externalId] = /(?:^|; )member=(\w+)/.exec(req.headers.cookie ?? '') ?? [];
  return externalId ? { externalId } : undefined;
};

const start = async (options: HardSiteOptions): Promise<HardSite & { close(): Promise<void> }> => {
  const { head = SCRIPT, body = '', html = 'lang="en"', headers = {} } = options;
  const emulator = await startEmulator(options.emulator);
  const guest = genesysGuest({
    ...emulated(emulator),
    webchatId: WEBCHAT,
    secrets: ['a secret of this test, 32 characters'],
    identify,
    ...options.guest,
  });
  // A page under a policy that forbids it does without.
  const first = options.headers ? '' : FIRST;
  const asked: string[] = [];
  const app = express();
  app.use('/chat', (req, _res, next) => {
    asked.push(`${req.method} ${req.path}`);
    if (options.cookies === false) delete req.headers.cookie;
    next();
  });
  app.use('/chat', guest);
  const send = (res: Response, text: string) => void res.type('html').send(text);
  app.get('/', (_req, res) => {
    res.set(typeof headers === 'function' ? headers(emulator) : headers);
    send(res, document(html, first + (typeof head === 'function' ? head(emulator) : head), body));
  });
  for (const [path, text] of Object.entries(options.files ?? {})) {
    app.get(path, (_req, res) => void res.type('js').send(text));
  }
  app.get('/blank', (_req, res) => send(res, document('lang="en"', '', '')));
  app.get('/inner', (_req, res) => send(res, document('lang="en"', SCRIPT, '')));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    emulator,
    guest,
    asked: (request) => asked.filter((one) => one === request).length,
    async close() {
      server.close();
      server.closeAllConnections();
      await guest.close();
      await emulator.close();
    },
  };
};

/** Starts sites that end with the test. Call it in a suite. */
export const sites = (): ((options?: HardSiteOptions) => Promise<HardSite>) => {
  const started: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const { close } of started.splice(0)) await close();
  });
  return async (options = {}) => {
    const site = await start(options);
    started.push(site);
    return site;
  };
};
