// A Genesys Cloud on loopback: one plain HTTP server, and the handle that a test holds it by.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccessTokens } from './access-tokens.ts';
import { act } from './act.ts';
import { type Answer, notFound, refusal } from './answer.ts';
import { answerControl, type Controlled } from './control.ts';
import { deliver, later } from './deliver.ts';
import { createFaults, type Fault } from './faults.ts';
import { type Cloud, type Route, routeOf } from './routes.ts';
import { type EmulatorOptions, type Settings, settle } from './settings.ts';
import { createStats, type EmulatorStats } from './stats.ts';

export interface Emulator {
  /** Where it listens, such as `http://127.0.0.1:4010`. */
  readonly url: string;
  readonly port: number;
  /** What `genesysGuest({ endpoints })` takes. */
  readonly endpoints: {
    readonly oauthToken: string;
    readonly guestTokens: string;
    readonly bootstrap: string;
  };
  /** What it was asked since it started or was reset. */
  stats(): EmulatorStats;
  /**
   * Makes the next calls fail; see {@link Fault}. Faults of one call are met in the order in which they were added.
   * @throws TypeError on a fault that cannot be
   */
  fault(fault: Fault): void;
  clearFaults(): void;
  /** From now on the OAuth client has this secret; access tokens given out before keep working. */
  rotateSecret(secret: string): void;
  /** Every access token given out so far stops working: 401 `bad.credentials`. */
  revokeAccessTokens(): void;
  /** As new: no faults, no counts, no access tokens, the first secret. */
  reset(): void;
  /** Breaks every connection and stops; leaves no timer and no socket. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts an emulator that serves `messenger` as its bootstrap script. */
export const serve = async (options: EmulatorOptions, messenger: string): Promise<Emulator> => {
  const settings = settle(options);
  const stats = createStats(settings.now);
  const faults = createFaults();
  const tokens = createAccessTokens(settings);
  let clientSecret = settings.clientSecret;
  const cloud = {
    settings,
    tokens,
    stats,
    faults,
    messenger,
    issued: stats.issued,
    get clientSecret() {
      return clientSecret;
    },
    rotateSecret(secret: string) {
      clientSecret = secret;
    },
    revokeAccessTokens: tokens.revoke,
  };

  const server = createServer((req, res) => void handle(cloud, req, res));
  // Longer than a client keeps a connection: the emulator is never the one to close an idle one under a request.
  server.keepAliveTimeout = 600_000;
  server.on('connection', (socket) => {
    stats.connected();
    socket.on('close', stats.disconnected);
  });
  await listen(server, settings);

  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const url = `http://${host}:${port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  return {
    url,
    port,
    endpoints: {
      oauthToken: `${url}/oauth/token`,
      guestTokens: `${url}/api/v2/guest-tokens`,
      bootstrap: `${url}/genesys-bootstrap/genesys.min.js`,
    },
    stats: stats.snapshot,
    fault: faults.add,
    clearFaults: faults.clear,
    rotateSecret: cloud.rotateSecret,
    revokeAccessTokens: tokens.revoke,
    reset() {
      faults.clear();
      stats.reset();
      tokens.reset();
      clientSecret = settings.clientSecret;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};

const listen = (server: Server, { port, host }: Settings): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

const handle = async (
  cloud: Cloud & Controlled,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> => {
  const path = pathOf(req.url ?? '/');
  const { now, latency } = cloud.settings;
  if (path.startsWith('/_emulator/')) return deliver(res, await answerControl(cloud, req, path), now);
  const route = routeOf(path);
  if (latency > 0) later(res, latency, () => void answerCall(cloud, route, req, res));
  else await answerCall(cloud, route, req, res);
};

const answerCall = async (
  cloud: Cloud,
  route: Route | undefined,
  req: IncomingMessage,
  res: ServerResponse,
) => {
  const { stats, faults, settings } = cloud;
  if (route === undefined) {
    req.resume();
    stats.answered(undefined, 404);
    return deliver(res, notFound(), settings.now);
  }
  stats.arrived(route.call);
  const answered = (status: number | string, retryAfter?: string) =>
    stats.answered(route.call, status, retryAfter);
  const answer = async () => safely(() => route.answer(cloud, req));
  const fault = faults.take(route.call);
  if (fault) return act(fault, { res, now: settings.now, answer, answered });
  const good = await answer();
  answered(good.status, good.headers['Retry-After']);
  deliver(res, good, settings.now);
};

/** A fault of the emulator's own must not look like a hung platform. */
const safely = async (work: () => Promise<Answer> | Answer): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    return refusal({ status: 500, message: `The emulator failed: ${(error as Error).message}` });
  }
};

const pathOf = (url: string): string => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
};
