// Proofs of who a guest is: short, good for 15 minutes, and owned by the first conversation.
import { describe, expect, test } from 'vitest';
import { createProofs } from './proofs.ts';
import { type Asked, ask, bodyOf, createPorts, createStore } from './testing/rig.ts';

const SECRET = 'p'.repeat(32);

const createRig = ({ webchatId = 'web-1', shared = createStore(), secrets = [SECRET] } = {}) => {
  const made = createPorts({ shared });
  const proofs = createProofs({ webchatId, secrets }, made.ports);
  const verify = async (body: unknown, more: Partial<Asked> = {}) =>
    ask(proofs, {
      method: 'POST',
      path: '/verify',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...more,
    });
  return { ...made, proofs, verify };
};

const GUEST = { externalId: 'Guest.1 é', signedIn: true };

test('a proof says who the guest is', async () => {
  const { proofs, verify, clock } = createRig();
  const proof = proofs.createProof(GUEST);
  const answer = await verify({ proof, conversationId: 'conversation-1' });
  expect(answer.status).toBe(200);
  expect(answer.headers['Cache-Control']).toBe('no-store');
  expect(bodyOf(answer)).toEqual({
    valid: true,
    externalId: 'Guest.1 é',
    webchatId: 'web-1',
    signedIn: true,
    issuedAt: new Date(clock.time).toISOString(),
  });
  expect(proof).not.toContain('Guest');
});

test('a guest who is not signed in is proven as such', async () => {
  const { proofs, verify } = createRig();
  const proof = proofs.createProof({ externalId: 'a\nb', signedIn: false });
  const answer = bodyOf(await verify({ proof, conversationId: 'c' }));
  expect(answer).toMatchObject({ valid: true, signedIn: false, externalId: 'a\nb' });
});

test('the first conversation owns a proof, also in another text for the same bytes', async () => {
  const { proofs, verify } = createRig();
  const proof = proofs.createProof({ externalId: 'guest-12', signedIn: true }) ?? '';
  const isValid = async (text: string, conversationId: string) =>
    bodyOf(await verify({ proof: text, conversationId }))['valid'];
  expect(await isValid(proof, 'first')).toBe(true);
  expect(await isValid(proof, 'second')).toBe(false);
  expect(await isValid(`${proof}==`, 'second')).toBe(false);
  expect(await isValid(proof, 'first')).toBe(true);
  const renewed = proofs.createProof({ externalId: 'guest-12', signedIn: true }) ?? '';
  expect(renewed).not.toBe(proof);
  expect(await isValid(renewed, 'second')).toBe(true);
});

test('a proof is good for 15 minutes', async () => {
  const { proofs, verify, pass } = createRig();
  const proof = proofs.createProof(GUEST);
  pass(899);
  expect(bodyOf(await verify({ proof, conversationId: 'c' }))).toMatchObject({ valid: true });
  pass(1);
  expect(bodyOf(await verify({ proof, conversationId: 'c' }))).toEqual({ valid: false });
});

test('a proof from a clock that is more than a minute ahead is not good', async () => {
  const { proofs, verify, pass } = createRig();
  pass(61);
  const proof = proofs.createProof(GUEST);
  pass(-61);
  expect(bodyOf(await verify({ proof, conversationId: 'c' }))).toEqual({ valid: false });
});

describe('what is not good is { valid: false }', () => {
  const { proofs, verify } = createRig();
  const proof = proofs.createProof(GUEST) ?? '';
  test.each([
    ['a proof of another deployment', { proof: createRig({ webchatId: 'web-2' }).proofs.createProof(GUEST) }],
    ['a forged proof', { proof: `${proof.slice(0, 30)}${proof[30] === 'A' ? 'B' : 'A'}${proof.slice(31)}` }],
    ['nonsense', { proof: 'nonsense' }],
    ['a proof that is too long', { proof: proof.padEnd(300, '=') }],
    ['no proof', { proof: undefined }],
    ['a proof in an array', { proof: [proof] }],
    ['no conversation', { conversationId: undefined }],
    ['an empty conversation', { conversationId: '' }],
    ['a conversation that is too long', { conversationId: 'c'.repeat(129) }],
  ])('%s', async (_, more) => {
    const answer = await verify({ proof, conversationId: 'c', ...more });
    expect(answer.status).toBe(200);
    expect(bodyOf(answer)).toEqual({ valid: false });
  });

  test.each(['{', '[]', undefined])('a body %j', async (body) => {
    expect(bodyOf(await verify(undefined, { body }))).toEqual({ valid: false });
  });
});

test('only who has the secret may ask, and each secret does while one is replaced', async () => {
  const { proofs, verify } = createRig({ secrets: ['n'.repeat(32), SECRET] });
  const body = JSON.stringify({ proof: proofs.createProof(GUEST), conversationId: 'c' });
  const json = { 'content-type': 'application/json' };
  for (const authorization of [undefined, 'Bearer wrong', `Basic ${SECRET}`, SECRET]) {
    const answer = await verify(undefined, { body, headers: { ...json, authorization } });
    expect(answer.status).toBe(401);
    expect(answer.headers['WWW-Authenticate']).toBe('Bearer');
  }
  expect(bodyOf(await verify(undefined, { body }))).toMatchObject({ valid: true });
});

test('without a secret there is no such route, and proofs are made all the same', () => {
  const { proofs } = createRig({ secrets: [] });
  expect(proofs.endpoints).toEqual([]);
  expect(proofs.createProof(GUEST)).toBeTruthy();
});

test('no proof is longer than 256 characters: longer ids get none, and one warning', () => {
  const { proofs, lines } = createRig();
  const of = (length: number) => proofs.createProof({ externalId: 'i'.repeat(length), signedIn: true });
  expect(of(140)?.length).toBeLessThanOrEqual(256);
  expect([of(150), of(255), proofs.createProof({ externalId: '名'.repeat(60), signedIn: true })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^warn /);
  expect(lines[0]).not.toContain('iii');
});

test('where the owner cannot be recorded nothing is said of a proof', async () => {
  const { proofs, verify, shared } = createRig();
  const proof = proofs.createProof(GUEST);
  shared.broken = true;
  await expect(verify({ proof, conversationId: 'c' })).rejects.toMatchObject({ code: 'store_unavailable' });
});
