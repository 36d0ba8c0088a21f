// The page's way to a code: same-origin, JSON, signed in, the same member, and not too often.
import { describe, expect, test } from 'vitest';
import {
  type Asked,
  ask,
  authCode,
  bodyOf,
  challengeOf,
  createRig,
  ISSUER,
  MEMBER,
  ORIGIN,
  VERIFIER,
} from './testing/rig.ts';

const BODY = { codeChallenge: challengeOf(VERIFIER), nonce: 'nonce-1' };

const request = (more: Partial<Asked> = {}): Asked => ({
  method: 'POST',
  path: '/auth-code',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(BODY),
  identity: MEMBER,
  ...more,
});

test('a member gets a code with the redirect URI and issuer that belong to it', async () => {
  const answer = await ask(createRig().members, request());
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'Cache-Control': 'no-store', Vary: 'Cookie, Origin' },
  });
  const { authCode: code, ...rest } = bodyOf(answer);
  expect(rest).toEqual({ redirectUri: ORIGIN, iss: ISSUER });
  expect(String(code).length).toBeLessThan(2_048);
});

test('each call gives another code', async () => {
  const { members } = createRig();
  expect(await authCode(members)).not.toBe(await authCode(members));
});

test.each<[string, Partial<Asked>, string]>([
  ['nobody signed in', { identity: undefined }, 'sign_in_required'],
  ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 'request_invalid'],
  ['plain text', { headers: { 'content-type': 'text/plain' } }, 'request_invalid'],
  ['no media type', { headers: {} }, 'request_invalid'],
  ['no JSON', { body: '{' }, 'request_invalid'],
  ['no object', { body: '[]' }, 'request_invalid'],
  ['no body', { body: undefined }, 'request_invalid'],
  ['no challenge', { body: { nonce: 'n' } }, 'request_invalid'],
  ['a plain challenge', { body: { ...BODY, codeChallenge: VERIFIER } }, 'request_invalid'],
  ['a challenge in an array', { body: { ...BODY, codeChallenge: [BODY.codeChallenge] } }, 'request_invalid'],
  ['no nonce', { body: { codeChallenge: BODY.codeChallenge } }, 'request_invalid'],
  ['a nonce that is too long', { body: { ...BODY, nonce: 'n'.repeat(129) } }, 'request_invalid'],
  ['a tag that is no text', { body: { ...BODY, member: 1 } }, 'request_invalid'],
  [
    'the tag of another member',
    { body: { ...BODY, member: createRig().members.memberTag('b') } },
    'guest_changed',
  ],
  ['a tag that is none', { body: { ...BODY, member: '' } }, 'guest_changed'],
])('%s is refused', async (_, more, code) => {
  await expect(ask(createRig().members, request(more))).rejects.toMatchObject({ code });
});

test('the member’s own tag is taken', async () => {
  const { members } = createRig();
  const body = { ...BODY, member: members.memberTag('member-1') };
  expect((await ask(members, request({ body }))).status).toBe(200);
});

test('ten codes a minute for each member', async () => {
  const { members } = createRig();
  for (let i = 0; i < 10; i += 1) await authCode(members);
  await expect(authCode(members)).rejects.toMatchObject({ code: 'too_many_guests', retryAfter: 42 });
  expect(await authCode(members, { externalId: 'member-2' })).toBeTruthy();
});

test('where the use of a code cannot be recorded none is issued', async () => {
  const rig = createRig();
  rig.shared.broken = true;
  await expect(authCode(rig.members)).rejects.toMatchObject({ code: 'store_unavailable', retryAfter: 5 });
});

test('off means that there is no such endpoint', async () => {
  expect((await ask(createRig({ enabled: () => false }).members, request())).status).toBe(404);
});

describe('tags', () => {
  const [before, after] = ['o'.repeat(32), 'n'.repeat(32)];
  const tagsUnder = (...secrets: string[]) => createRig({ secrets }).members;

  test('say whether it is the same member, and not who', () => {
    const { memberTag, isMemberTag } = createRig().members;
    expect(isMemberTag('member-1', memberTag('member-1'))).toBe(true);
    expect(isMemberTag('MEMBER-1', memberTag('member-1'))).toBe(false);
    expect(memberTag('member-1')).toMatch(/^[\w-]{8}\.[\w-]{22}$/);
    expect(memberTag('member-1')).not.toContain('member');
  });

  test('outlive each step of a rotation', () => {
    const steps = [
      tagsUnder(before),
      tagsUnder(before, after),
      tagsUnder(after, before),
      tagsUnder(after),
    ] as const;
    for (const [index, next] of steps.slice(1).entries()) {
      // A page that asks at each step holds the newest tag of the step before.
      expect(next.isMemberTag('member-1', steps[index]?.memberTag('member-1') ?? '')).toBe(true);
      expect(next.memberTags('member-1')).toContain(steps[index]?.memberTag('member-1'));
    }
    expect(steps[3].isMemberTag('member-1', steps[0].memberTag('member-1'))).toBe(false);
  });
});
