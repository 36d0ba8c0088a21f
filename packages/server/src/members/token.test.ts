// What a redeemed code gives: the tokens, the claims and how long they are good.
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Members } from './members.ts';
import type { MemberIdentity } from './ports.ts';
import {
  ask,
  authCode,
  bodyOf,
  CLIENT_ID,
  CLIENT_SECRET,
  createRig,
  createStore,
  ISSUER,
  KEY,
  MEMBER,
  newKey,
  ORIGIN,
  redeem,
  VERIFIER,
} from './testing/rig.ts';

const idTokenOf = async (members: Members, identity: MemberIdentity = MEMBER): Promise<string> =>
  String(bodyOf(await redeem(members, await authCode(members, identity)))['id_token']);

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

describe('claims', () => {
  const claimsOf = async (identity: MemberIdentity) => {
    const rig = createRig();
    return { claims: decodeJwt(await idTokenOf(rig.members, identity)), ...rig };
  };

  test('only three are copied, and none replaces a registered one', async () => {
    const given = {
      sub: 'admin',
      iss: 'https://evil.example',
      aud: 'another',
      nonce: 'mine',
      exp: 9_999_999_999,
      auth_time: 1,
      email_verified: true,
      role: 'admin',
      email: 'ada@example.com',
    };
    const { claims, clock } = await claimsOf({ externalId: 'member-1', claims: given });
    const iat = clock.time / 1_000;
    expect(claims).toEqual({
      iss: ISSUER,
      sub: 'member-1',
      aud: CLIENT_ID,
      nonce: 'nonce-1',
      iat,
      exp: iat + 300,
      email: 'ada@example.com',
    });
  });

  test('lose control characters, and what is no text or too long is left out', async () => {
    const { claims, lines } = await claimsOf({
      externalId: 'member-1',
      claims: { email: ['a@b.c'], given_name: 'A\u0000d\u202ea\r\n\u0085', family_name: 'x'.repeat(101) },
    });
    expect(claims).toMatchObject({ given_name: 'Ada' });
    expect(claims).not.toHaveProperty('email');
    expect(claims).not.toHaveProperty('family_name');
    expect(lines.join()).toContain('family_name');
  });

  test('the subject is never trimmed or folded', async () => {
    for (const externalId of [' Member-1 ', 'MEMBER-1', 'a'.repeat(255)]) {
      expect((await claimsOf({ externalId })).claims.sub).toBe(externalId);
    }
  });

  test.each(['', 'a'.repeat(256), 'Zoë', 'line\nbreak', undefined as unknown as string])(
    'an id that cannot be a subject is the site’s fault: %j',
    async (externalId) => {
      const { members } = createRig();
      await expect(authCode(members, { externalId })).rejects.toMatchObject({ code: 'guest_invalid' });
    },
  );

  test('auth_time is what the site says, in seconds, and never to come', async () => {
    const now = createRig().clock.time / 1_000;
    const timeOf = async (authTime: number | undefined) =>
      (await claimsOf({ ...MEMBER, authTime })).claims['auth_time'];
    expect(await timeOf(now - 100.5)).toBe(now - 101);
    expect(await timeOf(now + 30)).toBe(now);
    expect(await timeOf(now + 61)).toBe(undefined);
    expect(await timeOf(Date.now())).toBe(undefined);
    expect(await timeOf(Number.NaN)).toBe(undefined);
    expect(await timeOf(undefined)).toBe(undefined);
  });
});

test('the longest member fits into a code of 2,048 characters', async () => {
  const { members } = createRig();
  const longest: MemberIdentity = {
    externalId: 'i'.repeat(255),
    claims: { email: 'e'.repeat(254), given_name: '名'.repeat(100), family_name: '姓'.repeat(100) },
    authTime: 1_700_000_000,
  };
  const code = await authCode(members, longest, { nonce: 'n'.repeat(128) });
  expect(code.length).toBeLessThanOrEqual(2_048);
  expect((await redeem(members, code)).status).toBe(200);
  const hopeless = { ...longest, externalId: '"'.repeat(255) };
  await expect(authCode(members, hopeless)).rejects.toMatchObject({ code: 'guest_invalid' });
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

test('a switch that fails is off, and the log says so', async () => {
  const { members, lines } = createRig({
    enabled: () => {
      throw new Error('no flags');
    },
  });
  expect(await members.isEnabled()).toBe(false);
  expect(lines.join()).toContain('no flags');
});

describe('signing keys', () => {
  const keysOf = async (members: Members) =>
    bodyOf(await ask(members, { path: '/oidc/jwks' })) as unknown as Parameters<typeof createLocalJWKSet>[0];

  test('the first signs, all are published without their private part', async () => {
    const { members } = createRig({ signingKeys: [newKey(), KEY] });
    const jwks = await keysOf(members);
    expect(jwks.keys).toHaveLength(2);
    for (const jwk of jwks.keys) {
      expect(Object.keys(jwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(jwk).toMatchObject({ alg: 'RS256', use: 'sig', kty: 'RSA' });
    }
    const token = await idTokenOf(members);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT', kid: jwks.keys[0]?.kid });
  });

  test('are replaced one by one: an ID token is good before, during and after', async () => {
    const next = newKey();
    const steps = [[KEY], [KEY, next], [next, KEY], [next]].map((signingKeys) => createRig({ signingKeys }));
    for (const [index, { members, clock }] of steps.entries()) {
      const around = steps.slice(Math.max(0, index - 1), index + 2);
      const token = await idTokenOf(members);
      // What was published a step before and is published a step later.
      for (const other of index === 0 || index === 3 ? around : [steps[1], steps[2]]) {
        const jwks = createLocalJWKSet(await keysOf((other as (typeof steps)[0]).members));
        await jwtVerify(token, jwks, { issuer: ISSUER, currentDate: new Date(clock.time) });
      }
    }
  });
});
