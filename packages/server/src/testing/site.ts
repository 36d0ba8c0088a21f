// For tests: the request handler over a fake service, mounted on Express and on a bare server.
import { createServer, type Server } from 'node:http';
import express from 'express';
import request from 'supertest';
import type { RequestHandler } from '../handler/handler.ts';
import { createMount, type MountContext } from '../handler/mount.ts';
import type { ScriptTexts } from '../handler/scripts.ts';
import type { GenesysGuestOptions } from '../options/options.ts';
import { type FakeTokens, fakeHandlerOptions, fakeTokens } from './fake-tokens.ts';

type Mount = (handler: RequestHandler) => { server: Server; prefix: string };

export const onExpress: Mount = (handler) => {
  const app = express();
  app.use('/chat', handler);
  app.use((_req, res) => void res.status(418).send('next was called'));
  return { server: createServer(app), prefix: '/chat' };
};
export const onBare: Mount = (handler) => ({ server: createServer(handler), prefix: '' });

export const member = { externalId: 'member-1', attributes: { plan: 'gold' } };
export const identify = () => member;
export const other = 'https://shop.example';
export const crossSite = {
  allowedOrigins: [other],
  cookie: { sameSite: 'None', secure: true },
} satisfies GenesysGuestOptions;

/** Stand-ins for the browser's scripts. */
export const SCRIPTS = { 'boot.js': 'boot();', 'facade.js': 'facade();' };

/** The mount over these tokens, as a site with these options has it. */
export const mountOf = (
  service: FakeTokens,
  options: GenesysGuestOptions = {},
  scripts: ScriptTexts = {},
  more: Partial<MountContext> = {},
) =>
  createMount(service, fakeHandlerOptions(service, options), {
    scripts,
    counter: undefined,
    cookieless: service.options.source === 'none',
    count: () => {},
    ...more,
  });

export const start = (
  mount: Mount,
  options: GenesysGuestOptions = {},
  service: FakeTokens = fakeTokens(),
) => {
  const { server, prefix } = mount(mountOf(service, options, SCRIPTS).handler);
  const agent = request(server);
  return {
    service,
    get: (path: string) => agent.get(prefix + path),
    head: (path: string) => agent.head(prefix + path),
    post: (path: string) => agent.post(prefix + path),
    put: (path: string) => agent.put(prefix + path),
    options: (path: string) => agent.options(prefix + path),
  };
};

export const setCookieOf = (headers: Record<string, string>): string => String(headers['set-cookie'] ?? '');
export const cookieOf = (headers: Record<string, string>): string => setCookieOf(headers).split(';')[0] ?? '';

/** A visitor who kept our cookie. */
export const visitor = async (site: ReturnType<typeof start>): Promise<string> =>
  cookieOf((await site.post('/renew')).headers);

export const MOUNTS: [string, Mount][] = [
  ['Express 5', onExpress],
  ['bare node:http', onBare],
];
