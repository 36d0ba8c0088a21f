// What may be said of a member: the subject, three claims and the time of the sign-in.
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import type { MemberIdentity } from './ports.ts';
import { authCode, bodyOf, CLIENT_ID, createRig, ISSUER, MEMBER, redeem } from './testing/rig.ts';

const claimsOf = async (identity: MemberIdentity) => {
  const rig = createRig();
  const answer = await redeem(rig.members, await authCode(rig.members, identity));
  return { claims: decodeJwt(String(bodyOf(answer)['id_token'])), ...rig };
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
    await expect(authCode(members, { externalId })).rejects.toMatchObject({
      code: 'guest_invalid',
      errors: [{ field: 'externalId' }],
    });
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
