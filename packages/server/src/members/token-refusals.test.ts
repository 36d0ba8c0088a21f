// The token endpoint refuses what oidc-provider refuses, with the same codes.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { APP_REDIRECT, basic, CLIENT_ID, CLIENT_SECRET, challengeOf, VERIFIER } from './testing/rig.ts';
import { SUBJECTS, type Subject } from './testing/subjects.ts';

// Only the time of day is set: sockets keep their timers.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-01T12:00:00Z') }));
afterEach(() => void vi.useRealTimers().restoreAllMocks());

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
