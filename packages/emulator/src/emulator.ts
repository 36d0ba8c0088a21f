// A Genesys Cloud on loopback: one plain HTTP server, and the handle that a test holds it by.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { act } from './act.ts';
import { type Answer, notFound, refusal } from './answer.ts';
import { readBody } from './body.ts';
import { createCloud, type WholeCloud } from './cloud.ts';
import { answerControl, conversationOf } from './control.ts';
import { allowCors, PREFLIGHT } from './cors.ts';
import { deliver, later } from './deliver.ts';
import type { Fault } from './faults.ts';
import type { AgentView } from './guest-socket/sessions.ts';
import { serveGuestSocket } from './guest-socket/upgrade.ts';
import type { Refusal } from './members/refusals.ts';
import { type Cloud, type Route, routeOf } from './routes.ts';
import { type EmulatorOptions, type OidcIntegration, type Settings, settle } from './settings.ts';
import type { EmulatorStats } from './stats.ts';

/** A running emulator. */
export interface Emulator {
  /** Where it listens, such as `http://127.0.0.1:4010`. */
  readonly url: string;
  /** The port on which it listens. */
  readonly port: number;
  /** What `genesysGuest({ endpoints })` takes. */
  readonly endpoints: Readonly<Record<'oauthToken' | 'guestTokens' | 'bootstrap', string>>;
  /** What it was asked since it started or was reset. */
  stats(): EmulatorStats;
  /**
   * Makes the next calls fail; see {@link Fault}. Faults of one call are met in the order in which they were added.
   * @throws TypeError on a fault that cannot be
   */
  fault(fault: Fault): void;
  /** No fault waits any more. */
  clearFaults(): void;
  /** From now on the OAuth client has this secret; access tokens given out before keep working. */
  rotateSecret(secret: string): void;
  /** Every access token given out so far stops working: 401 `bad.credentials`. */
  revokeAccessTokens(): void;
  /**
   * From now on codes are redeemed there, as when somebody changes the integration in Admin.
   * @throws RangeError on an integration that cannot be
   */
  setOidc(oidc: OidcIntegration | undefined): void;
  /** What agents see: every conversation in which something was said, the oldest first. */
  conversations(): readonly AgentView[];
  /** Why members were refused, the newest 100; the platform does not tell. */
  refusals(): readonly Refusal[];
  /** The agent says something. @throws RangeError where there is no such conversation */
  say(conversationId: string, text: string): void;
  /** The agent ends the conversation. @throws RangeError where there is no such conversation */
  disconnect(conversationId: string): void;
  /** As new: no faults, counts, access tokens, members and conversations; the first secret and integration. */
  reset(): void;
  /** Breaks every connection and stops; leaves no timer and no socket. */
  close(): Promise<void>;
  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts an emulator that serves `messenger` as its bootstrap script. */
export const serve = async (options: EmulatorOptions, messenger: string): Promise<Emulator> => {
  const settings = settle(options);
  const cloud = createCloud(settings, messenger);
  const { stats, faults, guests } = cloud;

  const server = createServer((req, res) => void handle(cloud, req, res));
  // Longer than a client keeps a connection: the emulator is never the one to close an idle one under a request.
  server.keepAliveTimeout = 600_000;
  server.on('connection', (socket) => {
    stats.connected();
    socket.on('close', stats.disconnected);
  });
  const breakSockets = serveGuestSocket(server, guests);
  await listen(server, settings);

  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const url = `http://${host}:${port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      breakSockets();
      guests.reset();
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
    revokeAccessTokens: cloud.revokeAccessTokens,
    setOidc: cloud.setOidc,
    conversations: guests.sessions.views,
    refusals: cloud.refusals.list,
    say: (conversationId, text) => guests.agent.say(conversationOf(cloud, conversationId), text),
    disconnect: (conversationId) => guests.agent.disconnect(conversationOf(cloud, conversationId)),
    reset: cloud.reset,
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

const handle = async (cloud: WholeCloud, req: IncomingMessage, res: ServerResponse): Promise<void> => {
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
  if (route.cors) {
    allowCors(req, res);
    if (req.method === 'OPTIONS') return deliver(res, PREFLIGHT, settings.now);
  }
  stats.arrived(route.call);
  const answered = (status: number | string, retryAfter?: string) =>
    stats.answered(route.call, status, retryAfter);
  const answer = async () => safely(() => route.answer(cloud, req));
  const body = faults.readsBody(route.call) ? await readBody(req) : undefined;
  const fault = faults.take(route.call, body);
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
