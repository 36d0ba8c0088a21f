// What a redeemed code gives: the tokens, the claims and how long they are good.
import { decodeJwt } from 'jose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  ask,
  authCode,
  bodyOf,
  CLIENT_ID,
  CLIENT_SECRET,
  challengeOf,
  createRig,
  createStore,
  ISSUER,
  MEMBER,
  ORIGIN,
  redeem,
  VERIFIER,
} from './testing/rig.ts';

test('a code gives an ID token of 300 s and an access token of an hour', async () => {
  const { members, clock } = createRig();
  const answer = await redeem(members, await authCode(members));
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  const body = bodyOf(answer);
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3_600 });
  const iat = clock.time / 1_000;
  expect(decodeJwt(String(body['id_token']))).toEqual({
    iss: ISSUER,
    sub: 'member-1',
    aud: CLIENT_ID,
    iat,
    exp: iat + 300,
    nonce: 'nonce-1',
    ...MEMBER.claims,
  });
});

test('the page’s redirect URI may end with the slash that a URL object adds, and no other may', async () => {
  const { members } = createRig();
  for (const [uri, status] of [
    [ORIGIN, 200],
    [`${ORIGIN}/`, 200],
    [`${ORIGIN}//`, 400],
    [`${ORIGIN}/x`, 400],
    [ORIGIN.toUpperCase(), 400],
  ] as const) {
    expect((await redeem(members, await authCode(members), { redirect_uri: uri })).status).toBe(status);
  }
});

test('userinfo says the same of the member', async () => {
  const { members, pass } = createRig();
  const { access_token: token } = bodyOf(await redeem(members, await authCode(members)));
  const userinfo = (authorization?: string, method = 'GET') =>
    ask(members, { method, path: '/oidc/userinfo', headers: authorization ? { authorization } : {} });
  for (const method of ['GET', 'POST']) {
    const answer = await userinfo(`Bearer ${token}`, method);
    expect(bodyOf(answer)).toEqual({ sub: 'member-1', ...MEMBER.claims });
    expect(answer.headers['Cache-Control']).toBe('no-store');
  }
  const code = await authCode(members);
  for (const wrong of [undefined, 'Bearer nonsense', `Basic ${token}`, `Bearer ${code}`]) {
    const answer = await userinfo(wrong);
    expect(answer.status).toBe(401);
    expect(answer.headers['WWW-Authenticate']).toBe(wrong ? 'Bearer error="invalid_token"' : 'Bearer');
  }
  pass(3_599);
  expect((await userinfo(`Bearer ${token}`)).status).toBe(200);
  pass(1);
  expect((await userinfo(`Bearer ${token}`)).status).toBe(401);
});

test('a verifier that is too short to be secret is refused, also with its own challenge', async () => {
  const { members } = createRig();
  const short = 'v'.repeat(42);
  const code = await authCode(members, MEMBER, { codeChallenge: challengeOf(short) });
  expect(bodyOf(await redeem(members, code, { code_verifier: short }))).toMatchObject({
    error: 'invalid_grant',
  });
});

test('a secret alone does not stand for an id and a secret', async () => {
  const { members } = createRig({ clientId: CLIENT_SECRET.slice(0, -1) });
  const answer = await ask(members, {
    method: 'POST',
    path: '/oidc/token',
    headers: {
      authorization: `Basic ${btoa(CLIENT_SECRET)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=authorization_code',
  });
  expect(answer.status).toBe(401);
});

test('an access token is no code', async () => {
  const { members } = createRig();
  const { access_token: token } = bodyOf(await redeem(members, await authCode(members)));
  expect(bodyOf(await redeem(members, String(token)))).toMatchObject({ error: 'invalid_grant' });
});

test('client_secret_post, and each secret while one is replaced', async () => {
  const { members } = createRig({ clientSecrets: ['n'.repeat(32), CLIENT_SECRET] });
  for (const secret of ['n'.repeat(32), CLIENT_SECRET]) {
    const form = { client_id: CLIENT_ID, client_secret: secret };
    const answer = await ask(members, {
      method: 'POST',
      path: '/oidc/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
      // As express.urlencoded leaves it.
      body: {
        grant_type: 'authorization_code',
        code: await authCode(members),
        redirect_uri: ORIGIN,
        code_verifier: VERIFIER,
        ...form,
      },
    });
    expect(answer.status).toBe(200);
  }
});

describe('instances of one store', () => {
  test('redeem each other’s codes, once of a hundred tries', async () => {
    const shared = createStore();
    const one = createRig({ shared });
    const two = createRig({ shared });
    const code = await authCode(one.members);
    const tries = Array.from({ length: 100 }, (_, i) => redeem(i % 2 ? one.members : two.members, code));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(99);
  });

  test('redeem codes while secrets are replaced', async () => {
    const [before, after] = ['o'.repeat(32), 'n'.repeat(32)];
    const shared = createStore();
    const old = createRig({ shared, secrets: [before, after] });
    const next = createRig({ shared, secrets: [after, before] });
    expect((await redeem(next.members, await authCode(old.members))).status).toBe(200);
    expect((await redeem(old.members, await authCode(next.members))).status).toBe(200);
  });

  test('a code from an instance whose clock is far ahead is refused, as it would outlive its mark', async () => {
    const shared = createStore();
    const ahead = createRig({ shared });
    ahead.pass(61);
    expect((await redeem(createRig({ shared }).members, await authCode(ahead.members))).status).toBe(400);
  });

  test.each([
    ['issuer', { issuer: 'https://www.example.com/other/oidc' }],
    ['client', { clientId: 'another' }],
    ['deployment', { webchatId: 'web-2' }],
  ])('with the same secrets and another %s refuse each other’s codes', async (_, other) => {
    const shared = createStore();
    const code = await authCode(createRig({ shared, ...other }).members);
    expect(bodyOf(await redeem(createRig({ shared }).members, code))).toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('where the use of a code cannot be recorded nothing is redeemed, and never twice', async () => {
    const rig = createRig();
    const code = await authCode(rig.members);
    rig.shared.broken = true;
    const answer = await redeem(rig.members, code);
    expect(answer.status).toBe(503);
    expect(answer.headers['Retry-After']).toBe('5');
    expect(bodyOf(answer)).toMatchObject({ error: 'temporarily_unavailable' });
    expect(rig.lines.join()).toContain('cannot be recorded');
    rig.shared.broken = false;
    expect((await redeem(rig.members, code)).status).toBe(200);
    expect((await redeem(rig.members, code)).status).toBe(400);
  });

  test('a wrong try does not spend a code', async () => {
    const { members } = createRig();
    const code = await authCode(members);
    expect((await redeem(members, code, { code_verifier: 'x'.repeat(43) })).status).toBe(400);
    expect((await redeem(members, code)).status).toBe(200);
  });
});

test('no code is redeemed while members are off', async () => {
  let enabled = true;
  const { members } = createRig({ enabled: () => enabled });
  const code = await authCode(members);
  enabled = false;
  expect((await redeem(members, code)).status).toBe(503);
  expect(await members.isEnabled()).toBe(false);
});

test.each<[string, () => Promise<boolean>]>([
  ['fails', () => Promise.reject(new Error('no flags'))],
  ['hangs', () => new Promise(() => {})],
])('a switch that %s is off, and the log says so', async (_what, enabled) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { members, lines } = createRig({ enabled });
  const asked = members.isEnabled();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await asked).toBe(false);
  expect(lines.join()).toContain('members.enabled failed');
});
