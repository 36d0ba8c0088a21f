// For tests: our provider, bare and behind body parsers, and oidc-provider as the oracle, all over real sockets.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createOracle } from './oracle.ts';
import { APP_REDIRECT, ask, CLIENT_ID, challengeOf, createRig, MEMBER, VERIFIER } from './rig.ts';
import { handlerOf, startServer, withParsers } from './site.ts';

export interface Subject {
  readonly token: string;
  readonly authorize: string;
  readonly issue: (more?: { clientId?: string }) => Promise<string>;
  readonly elsewhere: () => Promise<string>;
}

/** A code from `/oidc/authorize`. */
const codeFrom = async (rig: ReturnType<typeof createRig>): Promise<string> => {
  const query = authorizeQuery({ client_id: rig.settings.clientId });
  const { headers } = await ask(rig.members, { path: '/oidc/authorize', query, identity: MEMBER });
  return new URL(headers['Location'] ?? '').searchParams.get('code') ?? '';
};

const startOurs = async (parsers: boolean): Promise<Subject> => {
  const now = () => Date.now();
  const rig = createRig({ now });
  const handler = handlerOf(
    () => rig.members,
    () => undefined,
  );
  const url = await startServer(parsers ? withParsers(handler) : handler);
  return {
    token: `${url}/chat/oidc/token`,
    authorize: `${url}/chat/oidc/authorize`,
    issue: ({ clientId = CLIENT_ID } = {}) =>
      codeFrom(clientId === CLIENT_ID ? rig : createRig({ now, clientId })),
    elsewhere: () => codeFrom(createRig({ now, issuer: 'https://www.example.com/other/oidc' })),
  };
};

const startOracle = async (): Promise<Subject> => {
  let handle: (req: IncomingMessage, res: ServerResponse) => void = () => {};
  const url = await startServer((req, res) => handle(req, res));
  const { handler, issue } = await createOracle(url);
  handle = handler;
  return {
    token: `${url}/token`,
    authorize: `${url}/auth`,
    issue,
    elsewhere: async () => (await createOracle('http://127.0.0.1:9')).issue(),
  };
};

export const authorizeQuery = (
  more: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> => {
  const all = {
    client_id: CLIENT_ID,
    redirect_uri: APP_REDIRECT,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'state-1',
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: 'S256',
    ...more,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};

export const SUBJECTS: readonly (readonly [string, () => Promise<Subject>])[] = [
  ['ours', () => startOurs(false)],
  ['ours behind body parsers', () => startOurs(true)],
  ['oidc-provider', startOracle],
];
