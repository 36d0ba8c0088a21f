// `/_emulator/…`: a test's own words with the emulator, from any language that speaks HTTP.
import type { IncomingMessage } from 'node:http';
import { type Answer, json, methodNotAllowed, notFound } from './answer.ts';
import { readBody } from './body.ts';
import type { WholeCloud as Controlled } from './cloud.ts';
import type { Fault } from './faults.ts';
import { intrusion } from './guard.ts';
import type { Session } from './guest-socket/sessions.ts';
import type { OidcIntegration } from './settings.ts';

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
  const problem = intrusion(req);
  if (problem !== undefined) {
    req.resume();
    return json(403, { message: problem });
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

/** @throws RangeError where there is none */
export const conversationOf = ({ guests }: Controlled, conversationId: unknown): Session => {
  const session = guests.sessions.ofConversation(String(conversationId));
  if (session === undefined) throw new RangeError('There is no conversation with this conversationId');
  return session;
};

const act = (cloud: Controlled, value: unknown) => {
  const { conversationId, say, disconnect } = (value ?? {}) as Record<string, unknown>;
  const session = conversationOf(cloud, conversationId);
  if (typeof say === 'string') cloud.guests.agent.say(session, say);
  else if (disconnect === true) cloud.guests.agent.disconnect(session);
  else throw new TypeError('The agent can `say` a text, or `disconnect: true`');
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
  '/_emulator/oidc': { POST: told((cloud, value) => cloud.setOidc(value as OidcIntegration)) },
  '/_emulator/conversations': {
    GET: ({ guests }) => json(200, guests.sessions.views()),
    POST: told(act),
  },
  '/_emulator/refusals': { GET: ({ refusals }) => json(200, refusals.list()) },
};
