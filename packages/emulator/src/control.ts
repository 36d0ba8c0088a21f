// `/_emulator/…`: a test's own words with the emulator, from any language that speaks HTTP.
import type { IncomingMessage } from 'node:http';
import { type Answer, json, methodNotAllowed, notFound } from './answer.ts';
import { readBody } from './body.ts';
import type { Fault, Faults } from './faults.ts';
import type { Stats } from './stats.ts';

export interface Controlled {
  readonly faults: Faults;
  readonly stats: Stats;
  /** What the OAuth client's secret is from now on. */
  rotateSecret(secret: string): void;
  /** Every access token given out so far stops working. */
  revokeAccessTokens(): void;
}

const DONE: Answer = { status: 204, headers: {}, body: '' };

const wrong = (problem: string): Answer => json(400, { message: problem });

export const answerControl = async (
  cloud: Controlled,
  req: IncomingMessage,
  path: string,
): Promise<Answer> => {
  if (path === '/_emulator/redirected') {
    cloud.stats.redirected();
    return json(200, { message: 'A redirect was followed to here.' });
  }
  const route = ROUTES[path];
  if (route === undefined) return notFound();
  const method = route[req.method ?? ''];
  if (method === undefined) return methodNotAllowed(Object.keys(route).join(', '));
  return method(cloud, req);
};

type Method = (cloud: Controlled, req: IncomingMessage) => Promise<Answer> | Answer;

/** Reads the body as JSON and does as it says; what it throws is the caller's fault. */
const told =
  (how: (cloud: Controlled, value: unknown) => void): Method =>
  async (cloud, req) => {
    try {
      how(cloud, JSON.parse((await readBody(req)) ?? ''));
      return DONE;
    } catch (error) {
      return wrong((error as Error).message);
    }
  };

const changeCredentials = (cloud: Controlled, value: unknown) => {
  const { clientSecret, revokeAccessTokens } = (value ?? {}) as Record<string, unknown>;
  if (clientSecret !== undefined && typeof clientSecret !== 'string') {
    throw new TypeError('clientSecret must be a text');
  }
  if (clientSecret !== undefined) cloud.rotateSecret(clientSecret);
  if (revokeAccessTokens === true) cloud.revokeAccessTokens();
};

const ROUTES: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  '/_emulator/faults': {
    GET: ({ faults }) => json(200, faults.list()),
    POST: told(({ faults }, value) => {
      for (const fault of Array.isArray(value) ? value : [value]) faults.add(fault as Fault);
    }),
    DELETE: ({ faults }) => {
      faults.clear();
      return DONE;
    },
  },
  '/_emulator/stats': {
    GET: ({ stats }) => json(200, stats.snapshot()),
    DELETE: ({ stats }) => {
      stats.reset();
      return DONE;
    },
  },
  '/_emulator/credentials': { POST: told(changeCredentials) },
};
