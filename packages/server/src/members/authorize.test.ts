// The silent authorization endpoint: who gets a code, and where it may go.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { MemberIdentity } from './ports.ts';
import {
  APP_REDIRECT,
  answerOf,
  ask,
  bodyOf,
  CLIENT_ID,
  challengeOf,
  createRig,
  MEMBER,
  ORIGIN,
  redeem,
  VERIFIER,
} from './testing/rig.ts';

type Rig = ReturnType<typeof createRig>;

const GOOD = {
  client_id: CLIENT_ID,
  redirect_uri: APP_REDIRECT,
  response_type: 'code',
  scope: 'openid',
  state: 'a state & more',
  code_challenge: challengeOf(VERIFIER),
  code_challenge_method: 'S256',
};

const authorize = async (
  rig: Rig,
  more: Readonly<Record<string, string>> = {},
  identity: MemberIdentity | undefined = MEMBER,
  headers: Readonly<Record<string, string>> = {},
) => {
  const query = { ...GOOD, ...more };
  const answer = await ask(rig.members, { path: '/oidc/authorize', query, identity, headers });
  const location = answer.headers['Location'];
  return { ...answer, location, params: location ? new URL(location).searchParams : new URLSearchParams() };
};

test('whom the site names gets a code, without a nonce, and their state back', async () => {
  const rig = createRig();
  const { status, params, headers } = await authorize(rig);
  expect(status).toBe(303);
  expect(headers['Cache-Control']).toBe('no-store');
  expect(params.get('state')).toBe('a state & more');
  expect(params.has('iss')).toBe(false);
  const answer = await redeem(rig.members, params.get('code') ?? '', { redirect_uri: APP_REDIRECT });
  const claims = decodeJwt(String(bodyOf(answer)['id_token']));
  expect(claims).toMatchObject({ sub: 'member-1', ...MEMBER.claims });
  expect(claims).not.toHaveProperty('nonce');
});

test('a form does as well as a query', async () => {
  const { members } = createRig();
  const answer = await ask(members, {
    method: 'POST',
    path: '/oidc/authorize',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...GOOD, nonce: 'nonce-2' }).toString(),
    identity: MEMBER,
  });
  expect(answer.status).toBe(303);
  expect(answer.headers['Location']).toContain(`${APP_REDIRECT}?code=`);
});

test('a redirect URI with a query keeps it', async () => {
  const uri = 'https://app.example.com/callback?from=chat';
  const { location } = await authorize(createRig({ redirectUris: [uri] }), { redirect_uri: uri });
  expect(location?.startsWith(`${uri}&code=`)).toBe(true);
});

test('without redirect URIs nothing is issued', async () => {
  const { status, location } = await authorize(createRig({ redirectUris: [] }));
  expect([status, location]).toEqual([400, undefined]);
});

test.each([ORIGIN, `${ORIGIN}/`])(
  'the page’s own redirect URI is never taken, even if listed: %s',
  async (uri) => {
    const { status, location } = await authorize(createRig({ redirectUris: [uri] }), { redirect_uri: uri });
    expect([status, location]).toEqual([400, undefined]);
  },
);

test.each([
  ['prompt login', { prompt: 'login' }, 'login_required'],
  ['prompt consent', { prompt: 'consent' }, 'consent_required'],
  ['prompt select_account', { prompt: 'select_account' }, 'account_selection_required'],
  ['a scope without openid', { scope: 'email openid2' }, 'invalid_scope'],
  ['a nonce of 129 characters', { nonce: 'n'.repeat(129) }, 'invalid_request'],
  ['another response_mode', { response_mode: 'fragment' }, 'invalid_request'],
  ['a challenge of another length', { code_challenge: 'x'.repeat(42) }, 'invalid_request'],
])('%s gets no code', async (_, query, error) => {
  const { params } = await authorize(createRig(), query);
  expect(params.get('error')).toBe(error);
  expect(params.has('code')).toBe(false);
});

test('nobody signed in gets login_required, with and without prompt none', async () => {
  const { members } = createRig();
  for (const query of [GOOD, { ...GOOD, prompt: 'none' }]) {
    const { headers } = await ask(members, { path: '/oidc/authorize', query });
    expect(headers['Location']).toContain('error=login_required');
  }
});

test('prompt none and a fitting max_age get a code with auth_time', async () => {
  const rig = createRig();
  const authTime = rig.clock.time / 1_000 - 100;
  const { params } = await authorize(rig, { prompt: 'none', max_age: '100' }, { ...MEMBER, authTime });
  const answer = await redeem(rig.members, params.get('code') ?? '', { redirect_uri: APP_REDIRECT });
  expect(decodeJwt(String(bodyOf(answer)['id_token']))).toMatchObject({ auth_time: authTime });
});

test.each([
  ['an older sign-in', '99', 100],
  ['a sign-in of unknown time', '86400', undefined],
  ['max_age 0', '0', 0],
])('max_age: %s gets login_required', async (_, max_age, age) => {
  const rig = createRig();
  const authTime = age === undefined ? undefined : rig.clock.time / 1_000 - age;
  const { params } = await authorize(rig, { max_age }, { ...MEMBER, authTime });
  expect(params.get('error')).toBe('login_required');
});

describe('where the request comes from', () => {
  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: ORIGIN }, true],
    [{}, true],
  ])('%j: a code is %s', async (headers, isIssued) => {
    const { params } = await authorize(createRig(), {}, MEMBER, headers);
    expect(params.has('code')).toBe(isIssued);
    if (!isIssued) expect(params.get('error')).toBe('login_required');
  });
});

test('an outage, too many codes and the switch are told to the app', async () => {
  const rig = createRig();
  rig.shared.broken = true;
  expect((await authorize(rig)).params.get('error')).toBe('temporarily_unavailable');
  rig.shared.broken = false;
  for (let i = 0; i < 9; i += 1) expect((await authorize(rig)).params.has('code')).toBe(true);
  expect((await authorize(rig)).params.get('error')).toBe('temporarily_unavailable');
  const off = await authorize(createRig({ enabled: () => false }));
  expect(off.params.get('error')).toBe('temporarily_unavailable');
});

test('what the site throws reaches the site', async () => {
  const { members } = createRig();
  const request = { method: 'GET', headers: {}, body: undefined };
  const identify = async () => Promise.reject(new Error('no session store'));
  const asked = answerOf(
    members,
    '/oidc/authorize',
  )({ ...request, query: new URLSearchParams(GOOD), identify });
  await expect(asked).rejects.toThrow('no session store');
});
