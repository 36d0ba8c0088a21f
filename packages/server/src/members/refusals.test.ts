// Both providers refuse the same: ours, and oidc-provider as the oracle.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createOracle } from './testing/oracle.ts';
import {
  APP_REDIRECT,
  ask,
  basic,
  CLIENT_ID,
  CLIENT_SECRET,
  challengeOf,
  createRig,
  MEMBER,
  VERIFIER,
} from './testing/rig.ts';
import { handlerOf, startServer, withParsers } from './testing/site.ts';

// Only the time of day is set: sockets keep their timers.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-01T12:00:00Z') }));
afterEach(() => void vi.useRealTimers().restoreAllMocks());

interface Subject {
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

const authorizeQuery = (more: Readonly<Record<string, string | undefined>> = {}): Record<string, string> => {
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

interface TokenCase {
  readonly name: string;
  /** What is changed in a good request; `undefined` leaves a parameter out. */
  readonly form?: Readonly<Record<string, string | undefined>>;
  readonly authorization?: string | undefined;
  /** Put behind the form as it is. */
  readonly tail?: string;
  readonly code?: (subject: Subject) => Promise<string>;
  readonly json?: boolean;
  readonly status: number;
  readonly error: string;
  /** What the oracle says where it differs, with the reason why ours does. */
  readonly oracle?: { readonly status: number; readonly error: string; readonly why: string };
}

const send = async (subject: Subject, given: Partial<TokenCase>) => {
  const code = await (given.code ?? ((one: Subject) => one.issue()))(subject);
  const form = Object.entries({
    grant_type: 'authorization_code',
    code,
    redirect_uri: APP_REDIRECT,
    code_verifier: VERIFIER,
    ...given.form,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const authorization = 'authorization' in given ? given.authorization : basic();
  const response = await fetch(subject.token, {
    method: 'POST',
    headers: {
      'Content-Type': given.json ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    body: given.json
      ? JSON.stringify(Object.fromEntries(form))
      : `${new URLSearchParams(form)}${given.tail ?? ''}`,
  });
  const body = (await response.json()) as { error?: string; id_token?: string };
  return { status: response.status, error: body.error, body, response };
};

const used = async (subject: Subject): Promise<string> => {
  const code = await subject.issue();
  await send(subject, { code: async () => code });
  return code;
};

const expired = async (subject: Subject): Promise<string> => {
  const code = await subject.issue();
  vi.setSystemTime(Date.now() + 61_000);
  return code;
};

const forged = async (subject: Subject): Promise<string> => {
  const code = await subject.issue();
  const middle = Math.floor(code.length / 2);
  return `${code.slice(0, middle)}${code[middle] === 'A' ? 'B' : 'A'}${code.slice(middle + 1)}`;
};

const grant = { status: 400, error: 'invalid_grant' };
const request = { status: 400, error: 'invalid_request' };
const client = { status: 401, error: 'invalid_client' };
const malformed = { ...client, oracle: { ...request, why: 'RFC 6749, 5.2: failed authentication is a 401' } };

const TOKEN_CASES: readonly TokenCase[] = [
  { name: 'a used code', code: used, ...grant },
  { name: 'an expired code', code: expired, ...grant },
  { name: 'a code of another mount with the same secrets', code: (s) => s.elsewhere(), ...grant },
  { name: 'a code of another client', code: (s) => s.issue({ clientId: 'another-client' }), ...grant },
  { name: 'a forged code', code: forged, ...grant },
  { name: 'a code that is none', code: async () => 'nonsense', ...grant },
  { name: 'a swapped verifier', form: { code_verifier: 'x'.repeat(43) }, ...grant },
  { name: 'no verifier', form: { code_verifier: undefined }, ...grant },
  { name: 'the challenge as verifier', form: { code_verifier: challengeOf(VERIFIER) }, ...grant },
  { name: 'another redirect URI', form: { redirect_uri: 'https://evil.example/' }, ...grant },
  { name: 'a longer redirect URI', form: { redirect_uri: `${APP_REDIRECT}/more` }, ...grant },
  { name: 'no redirect URI', form: { redirect_uri: undefined }, ...request },
  { name: 'no code', form: { code: undefined }, ...request },
  { name: 'an empty code', form: { code: '' }, ...request },
  { name: 'no grant_type', form: { grant_type: undefined }, ...request },
  {
    name: 'another grant_type',
    form: { grant_type: 'password' },
    status: 400,
    error: 'unsupported_grant_type',
  },
  { name: 'a code twice', tail: '&code=another', ...request },
  { name: 'a verifier twice', tail: `&code_verifier=${VERIFIER}`, ...request },
  { name: 'a grant_type twice', tail: '&grant_type=authorization_code', ...request },
  { name: 'a client_id twice', tail: `&client_id=${CLIENT_ID}&client_id=${CLIENT_ID}`, ...request },
  { name: 'a code as an array', form: { code: undefined }, tail: '&code[]=one&code[]=two', ...request },
  { name: 'a code as an object', form: { code: undefined }, tail: '&code[a]=one', ...request },
  { name: 'a JSON body', json: true, ...request },
  { name: 'a wrong secret', authorization: basic(CLIENT_ID, `${CLIENT_SECRET}x`), ...client },
  {
    name: 'a secret that begins right',
    authorization: basic(CLIENT_ID, CLIENT_SECRET.slice(0, -1)),
    ...client,
  },
  { name: 'an unknown client', authorization: basic('nobody'), ...client },
  { name: 'a client id alone', authorization: undefined, form: { client_id: CLIENT_ID }, ...client },
  {
    name: 'a wrong secret in the form',
    authorization: undefined,
    form: { client_id: CLIENT_ID, client_secret: 'wrong' },
    ...client,
  },
  {
    name: 'two ways of authentication',
    form: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET },
    ...request,
  },
  { name: 'a client_id that contradicts', form: { client_id: 'another-client' }, ...request },
  { name: 'Basic that is not base64', authorization: 'Basic %%%', ...malformed },
  { name: 'Basic without a colon', authorization: `Basic ${btoa(CLIENT_ID)}`, ...malformed },
  { name: 'Basic without a secret', authorization: basic(CLIENT_ID, ''), ...malformed },
  { name: 'Basic with a broken escape', authorization: basic(CLIENT_ID, '%zz'), ...malformed },
  { name: 'another scheme', authorization: `Bearer ${CLIENT_SECRET}`, ...malformed },
  {
    name: 'no authentication at all',
    authorization: undefined,
    ...client,
    oracle: { ...request, why: 'RFC 6749, 5.2: no client authentication included is invalid_client' },
  },
];

const SUBJECTS: readonly (readonly [string, () => Promise<Subject>])[] = [
  ['ours', () => startOurs(false)],
  ['ours behind body parsers', () => startOurs(true)],
  ['oidc-provider', startOracle],
];

describe.each(SUBJECTS)('the token endpoint of %s', (name, start) => {
  const isOracle = name === 'oidc-provider';

  test.each(TOKEN_CASES.map((one) => [one.name, one] as const))('refuses %s', async (_, one) => {
    const subject = await start();
    const { status, error, response } = await send(subject, one);
    const { status: wanted, error: code } = isOracle && one.oracle ? one.oracle : one;
    expect({ status, error }).toEqual({ status: wanted, error: code });
    expect(response.headers.get('cache-control')).toContain('no-store');
    if (status === 401 && !isOracle) expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  test('takes the request that every case changes', async () => {
    const { status, body } = await send(await start(), {});
    expect(status).toBe(200);
    expect(body.id_token).toMatch(/^ey/);
  });
});

interface AuthorizeCase {
  readonly name: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it is 303 the error is in the redirect, else in the body. */
  readonly status: number;
  readonly error: string;
  readonly tail?: string;
  readonly oracle?: { readonly status: number; readonly error: string; readonly why: string };
}

const silent = { prompt: 'none' };
const uri = { status: 400, error: 'invalid_redirect_uri' };
const back = (error: string) => ({ status: 303, error });

const AUTHORIZE_CASES: readonly AuthorizeCase[] = [
  { name: 'nobody signed in', query: silent, ...back('login_required') },
  {
    name: 'an unknown client',
    query: { ...silent, client_id: 'nobody' },
    status: 400,
    error: 'invalid_client',
  },
  { name: 'no redirect URI', query: { ...silent, redirect_uri: undefined }, ...request },
  { name: 'a redirect URI that is not listed', query: { redirect_uri: 'https://evil.example/' }, ...uri },
  { name: 'a custom scheme', query: { redirect_uri: 'com.example.app:/callback' }, ...uri },
  {
    name: 'a redirect URI that begins like a listed one',
    query: { redirect_uri: `${APP_REDIRECT}.evil` },
    ...uri,
  },
  { name: 'a redirect URI with a query more', query: { redirect_uri: `${APP_REDIRECT}?x=1` }, ...uri },
  {
    name: 'a redirect URI in other case',
    query: { redirect_uri: APP_REDIRECT.replace('claimed', 'Claimed') },
    ...uri,
  },
  { name: 'no challenge', query: { ...silent, code_challenge: undefined }, ...back('invalid_request') },
  {
    name: 'a plain challenge',
    query: { ...silent, code_challenge_method: 'plain' },
    ...back('invalid_request'),
  },
  {
    name: 'a challenge without its method',
    query: { ...silent, code_challenge_method: undefined },
    ...back('invalid_request'),
  },
  {
    name: 'the implicit flow',
    query: { ...silent, response_type: 'id_token', nonce: 'nonce-1' },
    ...back('unsupported_response_type'),
  },
  { name: 'no response_type', query: { ...silent, response_type: undefined }, ...back('invalid_request') },
  { name: 'a request object', query: { ...silent, request: 'e30.e30.' }, ...back('request_not_supported') },
  {
    name: 'a request URI',
    query: { ...silent, request_uri: 'https://evil.example/' },
    ...back('request_uri_not_supported'),
  },
  { name: 'prompt none beside another', query: { prompt: 'none login' }, ...back('invalid_request') },
  { name: 'an unknown prompt', query: { prompt: 'sing' }, ...back('invalid_request') },
  { name: 'a max_age that is no number', query: { ...silent, max_age: 'old' }, ...back('invalid_request') },
  {
    name: 'a cross-site navigation',
    query: silent,
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
    ...back('login_required'),
  },
  {
    name: 'a state twice',
    query: silent,
    tail: '&state=state-2',
    ...request,
    oracle: { ...back('invalid_request'), why: 'ours redirects nothing that is ambiguous' },
  },
  { name: 'a redirect URI twice', query: silent, tail: `&redirect_uri=${APP_REDIRECT}`, ...request },
];

describe.each(SUBJECTS)('the authorization endpoint of %s', (name, start) => {
  const isOracle = name === 'oidc-provider';

  test.each(AUTHORIZE_CASES.map((one) => [one.name, one] as const))('refuses %s', async (_, one) => {
    const subject = await start();
    const query = new URLSearchParams(authorizeQuery(one.query));
    const response = await fetch(`${subject.authorize}?${query}${one.tail ?? ''}`, {
      redirect: 'manual',
      headers: { Accept: 'application/json', ...one.headers },
    });
    const wanted = isOracle && one.oracle ? one.oracle : one;
    expect(response.status).toBe(wanted.status);
    const location = response.headers.get('location');
    if (wanted.status === 303) {
      const { origin, pathname, search, hash } = new URL(location ?? '');
      expect(`${origin}${pathname}`).toBe(APP_REDIRECT);
      const answer = new URLSearchParams(search || hash.slice(1));
      expect(answer.get('error')).toBe(wanted.error);
      if (!one.tail) expect(answer.get('state')).toBe('state-1');
      expect(answer.has('code')).toBe(false);
    } else {
      expect(location).toBe(null);
      expect(await response.json()).toMatchObject({ error: wanted.error });
    }
  });
});
