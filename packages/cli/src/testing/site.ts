// For tests: a site with the handler, and a proxy before it that spoils what passes.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GenesysGuestOptions, genesysGuest } from '@genesys-guest/server';
import { onTestFinished } from 'vitest';
import { CANARY, type platform, SECRET, WEBCHAT } from './doctor.ts';

export const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

type Emulator = Awaited<ReturnType<typeof platform>>;

export const page = (head: string): string => `<!doctype html><head>${head}</head><p>Shop</p>`;

interface Served {
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A site with the handler at /chat and a page at /. @returns its origin */
export const site = async (
  { endpoints }: Emulator,
  options: GenesysGuestOptions = {},
  { html = page('<script src="/chat/boot.js" async></script>'), headers = {} }: Served = {},
): Promise<string> => {
  const guest = genesysGuest({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: CANARY,
    webchatId: WEBCHAT,
    secrets: [SECRET],
    endpoints,
    ...options,
  });
  onTestFinished(() => guest.close());
  return listen(
    createServer((req, res) => {
      const [path = ''] = (req.url ?? '').split('?');
      if (path.startsWith('/chat/')) {
        req.url = req.url?.slice('/chat'.length);
        guest(req, res);
      } else if (path === '/') res.writeHead(200, { 'content-type': 'text/html', ...headers }).end(html);
      else res.writeHead(404).end();
    }),
  );
};

type Headers = Record<string, string | string[] | undefined>;

export interface ProxyOptions {
  /** Where the next request goes, in place of the one target. */
  readonly to?: () => string;
  /** Changes the path of a request on its way in. */
  readonly path?: (url: string) => string;
  /** Changes the headers of a request on its way in. */
  readonly request?: (headers: Headers) => Headers;
  /** Changes the headers of an answer on its way out. */
  readonly response?: (headers: Headers) => Headers;
  /** Whether it answers 403 itself. */
  readonly refuses?: (req: IncomingMessage) => boolean;
  /** Answers what it has answered before, by this name; keeps nothing where there is none. */
  readonly cacheBy?: (req: IncomingMessage) => string | undefined;
}

interface Kept {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Stands before a site, as a CDN or nginx does. It passes Host on, unless it is told otherwise. @returns its origin */
export const proxy = (target: string, options: ProxyOptions): Promise<string> => {
  const kept = new Map<string, Kept>();
  const {
    to = () => target,
    path = (same) => same,
    request: onRequest = (same) => same,
    response: onResponse = (same) => same,
    refuses = () => false,
    cacheBy,
  } = options;
  const send = (res: ServerResponse, { status, headers, body }: Kept) => {
    res.writeHead(status, onResponse(headers)).end(body);
  };
  return listen(
    createServer((req, res) => {
      if (refuses(req)) return res.writeHead(403).end();
      const name = cacheBy?.(req);
      const hit = name === undefined ? undefined : kept.get(name);
      if (hit) return send(res, hit);
      const onward = request(
        `${to()}${path(req.url ?? '/')}`,
        { method: req.method ?? 'GET', headers: onRequest({ ...req.headers }) },
        async (answer) => {
          const chunks: Buffer[] = [];
          for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
          const fresh = {
            status: answer.statusCode ?? 500,
            headers: { ...answer.headers },
            body: Buffer.concat(chunks),
          };
          if (name !== undefined) kept.set(name, fresh);
          send(res, fresh);
        },
      );
      req.pipe(onward);
    }),
  );
};
