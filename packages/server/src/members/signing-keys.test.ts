// The keys that are published, and their rotation.
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import type { Members } from './members.ts';
import { ask, authCode, bodyOf, createRig, ISSUER, KEY, newKey, redeem } from './testing/rig.ts';

const idTokenOf = async (members: Members): Promise<string> =>
  String(bodyOf(await redeem(members, await authCode(members)))['id_token']);

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

test('a key that is listed twice is published once', async () => {
  expect((await keysOf(createRig({ signingKeys: [KEY, `${KEY}\n`] }).members)).keys).toHaveLength(1);
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
