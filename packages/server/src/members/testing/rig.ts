// For tests of this room: members on ports in memory, with a clock that the test sets and a log that it can read.

import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Answer } from '../../lib/answers.ts';
import type { SingleUse } from '../../store/ports.ts';
import { createMembers, type Members } from '../members.ts';
import type { Endpoint, MemberIdentity, MembersOptions, MembersPorts, MembersRequest } from '../ports.ts';

export const ISSUER = 'https://www.example.com/chat/oidc';
export const ORIGIN = 'https://www.example.com';
export const CLIENT_ID = 'genesys-messenger_1';
export const CLIENT_SECRET = 'Secret-of_the-client-0123456789-abc';
export const APP_REDIRECT = 'https://app.example.com/claimed/callback';
export const WEBCHAT = 'web-1';
export const MEMBER: MemberIdentity = {
  externalId: 'member-1',
  claims: { email: 'ada@example.com', given_name: 'Ada', family_name: 'Lovelace' },
};

export const newKey = (bits = 2_048): string =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;

export const KEY = newKey();

/** What several instances share. `broken`: nothing can be recorded. */
export const createStore = () => {
  const owners = new Map<string, string>();
  const state = { broken: false, keys: owners };
  const first = (id: string, owner: string): string => {
    if (state.broken) throw new Error('the store is away');
    const known = owners.get(id);
    owners.set(id, known ?? owner);
    return known ?? owner;
  };
  const store: SingleUse = {
    spend: async (id) => {
      const isNew = !owners.has(id);
      first(id, '');
      return isNew;
    },
    claim: async (id, owner) => first(id, owner) === owner,
  };
  return Object.assign(state, { store });
};

export interface RigOptions extends Partial<MembersOptions> {
  readonly secrets?: readonly string[];
  readonly shared?: ReturnType<typeof createStore>;
  readonly now?: () => number;
}

export const createPorts = ({ secrets = ['s'.repeat(32)], shared = createStore(), now }: RigOptions = {}) => {
  const clock = { time: Date.parse('2026-03-01T12:00:00Z') };
  const lines: string[] = [];
  const counts = new Map<string, number>();
  const ports: MembersPorts = {
    secrets,
    store: shared.store,
    countCode: async (key) => {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return (counts.get(key) ?? 0) > 10 ? 42 : undefined;
    },
    now: now ?? (() => clock.time),
    log: (level, message, fields) => void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
  };
  const pass = (seconds: number): void => {
    clock.time += seconds * 1_000;
  };
  return { ports, shared, lines, clock, pass };
};

export const createRig = (options: RigOptions = {}) => {
  const { secrets: _secrets, shared: _shared, now: _now, ...own } = options;
  const made = createPorts(options);
  const settings: MembersOptions = {
    issuer: ISSUER,
    webchatId: WEBCHAT,
    clientId: CLIENT_ID,
    clientSecrets: [CLIENT_SECRET],
    signingKeys: [KEY],
    redirectUris: [APP_REDIRECT],
    enabled: () => true,
    ...own,
  };
  return { ...made, settings, members: createMembers(settings, made.ports) };
};

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: MembersRequest['headers'];
  readonly query?: Readonly<Record<string, string>> | string;
  readonly body?: unknown;
  readonly identity?: MemberIdentity | undefined;
}

export const answerOf = ({ endpoints }: Pick<Members, 'endpoints'>, path: string): Endpoint['answer'] => {
  const found = endpoints.find((endpoint) => endpoint.path === path.toLowerCase());
  if (!found) throw new Error(`${path} is not an endpoint`);
  return found.answer;
};

export const ask = async (
  members: Pick<Members, 'endpoints'>,
  { method = 'GET', path, headers = {}, query, body, identity }: Asked,
): Promise<Answer> =>
  answerOf(
    members,
    path,
  )({ method, headers, query: new URLSearchParams(query), body, identify: async () => identity });

export const bodyOf = ({ body }: Answer): Record<string, unknown> => JSON.parse(String(body ?? '{}'));

export const VERIFIER = 'verifier-0123456789-0123456789-0123456789-abc';
export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** A code as a page gets it. */
export const authCode = async (members: Members, identity = MEMBER, more: object = {}): Promise<string> => {
  const body = { codeChallenge: challengeOf(VERIFIER), nonce: 'nonce-1', ...more };
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(members, { method: 'POST', path: '/auth-code', headers, body, identity });
  return String(bodyOf(answer)['authCode']);
};

export const basic = (id = CLIENT_ID, secret = CLIENT_SECRET): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Redeems a code as Genesys Cloud does. */
export const redeem = (
  members: Members,
  code: string,
  form: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  ask(members, {
    method: 'POST',
    path: '/oidc/token',
    headers: { authorization: basic(), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: ORIGIN,
      code_verifier: VERIFIER,
      ...form,
    }).toString(),
  });
