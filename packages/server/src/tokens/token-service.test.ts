// The tokens' promises, over real sockets: fresh, ageing, expired; never twice; nothing lost when a renewal fails.

import { describe, expect, it } from 'vitest';
import type { Invalidation } from '../options/resolved-options.ts';
import { memoryStore } from '../store/memory-store.ts';
import { codeOf, settled } from '../testing/promises.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';

const anna = { externalId: 'anna' };

describe('never twice', () => {
  it('makes one OAuth call and one guest-token call for 1,000 simultaneous callers of one guest', async () => {
    const { service, emulator } = await startRig();
    const outcomes = await Promise.all(
      Array.from({ length: 1_000 }, () => service.renew(WEBCHAT, anna, { mayAge: true })),
    );
    expect(new Set(outcomes.map(({ token }) => token.token)).size).toBe(1);
    expect(emulator.stats()).toMatchObject({ oauthToken: 1, guestTokens: 1 });
  });

  it('fetches one access token for many guests at once', async () => {
    const { service, emulator } = await startRig();
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        service.renew(WEBCHAT, { externalId: `guest ${i}` }, { mayAge: true }),
      ),
    );
    expect(emulator.stats()).toMatchObject({ oauthToken: 1, guestTokens: 50 });
  });

  it('keeps guests of two deployments apart', async () => {
    const { service } = await startRig();
    const [one, two] = await Promise.all([
      service.renew('one', anna, { mayAge: true }),
      service.renew('two', anna, { mayAge: true }),
    ]);
    expect(one.token.token).not.toBe(two.token.token);
  });
});

describe('sliding expiration', () => {
  it('answers a fresh token from memory', async () => {
    const { service, emulator, pass } = await startRig();
    const first = await service.renew(WEBCHAT, anna, { mayAge: true });
    pass(86_400 - 301);
    const second = await service.renew(WEBCHAT, anna, { mayAge: true });
    expect(second.token).toBe(first.token);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('answers an ageing token at once and renews it once behind', async () => {
    const { service, emulator, pass } = await startRig();
    const first = await service.renew(WEBCHAT, anna, { mayAge: true });
    pass(86_400 - 299);
    const answers = await Promise.all([
      service.renew(WEBCHAT, anna, { mayAge: true }),
      service.renew(WEBCHAT, anna, { mayAge: true }),
    ]);
    expect(answers.map(({ token }) => token)).toEqual([first.token, first.token]);
    const renewed = await service.renew(WEBCHAT, anna);
    expect(renewed.token.token).not.toBe(first.token.token);
    expect(emulator.stats().guestTokens).toBe(2);
  });

  it('waits for a new token where the old one has expired', async () => {
    const { service, pass } = await startRig({ tokenLifetime: 60 });
    const first = await service.renew(WEBCHAT, anna, { mayAge: true });
    pass(61);
    expect((await service.find(WEBCHAT, anna)).state).toBe('expired');
    const second = await service.renew(WEBCHAT, anna, { mayAge: true });
    expect(second.token.token).not.toBe(first.token.token);
  });

  it('renew() waits for a token outside its renewal window', async () => {
    const { service, pass } = await startRig();
    const first = await service.renew(WEBCHAT, anna);
    expect((await service.renew(WEBCHAT, anna)).token).toBe(first.token);
    pass(86_400 - 10);
    const second = await service.renew(WEBCHAT, anna);
    expect(second.token.token).not.toBe(first.token.token);
    expect(second.renewIn).toBeUndefined();
  });

  it('keeps the old token when its renewal fails, until it expires', async () => {
    const { service, emulator, pass } = await startRig();
    const first = await service.renew(WEBCHAT, anna, { mayAge: true });
    pass(86_400 - 100);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403, times: 'always' });
    expect(await service.renew(WEBCHAT, anna)).toEqual({ token: first.token, renewIn: 30 });
    pass(101);
    expect(await codeOf(service.renew(WEBCHAT, anna))).toBe('upstream_rejected');
  });

  it('does not renew on every call a token that lives less than the margin', async () => {
    const { service, emulator } = await startRig({ tokenLifetime: 60, renewBefore: 300 });
    for (let i = 0; i < 5; i += 1) await service.renew(WEBCHAT, anna);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('finds without ever calling', async () => {
    const { service, emulator } = await startRig();
    expect(await service.find(WEBCHAT, anna)).toEqual({ state: 'missing', token: undefined });
    expect(emulator.stats()).toMatchObject({ oauthToken: 0, guestTokens: 0 });
  });
});

describe('attributes', () => {
  const plan = (name: string) => ({ externalId: 'anna', attributes: { plan: name } });

  it('issue anew when they change, but not within 300 s', async () => {
    const { service, emulator, pass } = await startRig();
    const first = await service.renew(WEBCHAT, plan('basic'), { mayAge: true });
    pass(299);
    expect((await service.renew(WEBCHAT, plan('gold'), { mayAge: true })).token).toBe(first.token);
    pass(2);
    const second = await service.renew(WEBCHAT, plan('gold'), { mayAge: true });
    expect(second.token.attributes).toEqual({ plan: 'gold' });
    expect(emulator.stats().guestTokens).toBe(2);
  });

  it('say the same in another order', async () => {
    const { service, emulator, pass } = await startRig();
    await service.renew(WEBCHAT, { externalId: 'anna', attributes: { a: '1', b: '2' } }, { mayAge: true });
    pass(301);
    await service.renew(WEBCHAT, { externalId: 'anna', attributes: { b: '2', a: '1' } }, { mayAge: true });
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('keep the good token when the new one cannot be had', async () => {
    const { service, emulator, pass } = await startRig();
    const first = await service.renew(WEBCHAT, plan('basic'), { mayAge: true });
    pass(301);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
    expect((await service.renew(WEBCHAT, plan('gold'), { mayAge: true })).token).toBe(first.token);
  });
});

describe('credentials', () => {
  it('drops the access token once after a 401 and fetches another', async () => {
    const { service, emulator } = await startRig();
    await service.renew(WEBCHAT, anna, { mayAge: true });
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 401, code: 'credentials.expired' });
    await service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true });
    expect(emulator.stats()).toMatchObject({ oauthToken: 2, guestTokens: 3 });
  });

  it('asks a secret function again after a 401 of OAuth', async () => {
    const secrets = ['yesterday', 'emulator-secret'];
    const { service, emulator } = await startRig({ clientSecret: async () => secrets.shift() as string });
    await service.renew(WEBCHAT, anna, { mayAge: true });
    expect(emulator.stats()).toMatchObject({ oauthToken: 2, guestTokens: 1 });
  });

  it('does not turn a wrong secret into a storm', async () => {
    const { service, emulator } = await startRig({ clientSecret: () => 'wrong' });
    for (let i = 0; i < 20; i += 1) {
      expect(await codeOf(service.renew(WEBCHAT, { externalId: `guest ${i}` }, { mayAge: true }))).toBe(
        'upstream_rejected',
      );
    }
    expect(emulator.stats().oauthToken).toBe(2);
    expect(service.health()).toMatchObject({
      oauth: 'failing',
      failing: [{ what: 'oauth', reason: expect.stringMatching(/^HTTP 401.*Check clientId/) }],
    });
  });

  it('says in health what fails, the oldest first, until it works again', async () => {
    const { service, emulator, pass } = await startRig({ timeout: 200, deadline: 400 });
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
    expect(await codeOf(service.renew(WEBCHAT, anna, { mayAge: true }))).toBe('upstream_rejected');
    pass(90);
    const [failing] = service.health().failing;
    expect(failing).toMatchObject({
      what: 'guest-tokens',
      reason: expect.stringMatching(/^HTTP 403.*scope/),
    });
    expect(failing?.seconds).toBeGreaterThanOrEqual(90);
    await service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true });
    expect(service.health().failing).toEqual([]);
  });
});

describe('forgetting', () => {
  it('drops the token, and a call under way does not bring it back', async () => {
    const { service, emulator } = await startRig({}, { latency: 20 });
    const making = service.renew(WEBCHAT, anna, { mayAge: true });
    await settled();
    await service.forget(WEBCHAT, 'anna');
    await making;
    expect((await service.find(WEBCHAT, anna)).state).toBe('missing');
    await service.renew(WEBCHAT, anna, { mayAge: true });
    expect(emulator.stats().guestTokens).toBe(2);
  });
});

describe('invalidation', () => {
  it('tells why each token went', async () => {
    const told: Invalidation[] = [];
    const { service, pass } = await startRig({
      onInvalidate: (invalidation) => void told.push(invalidation),
      store: memoryStore({ max: 1 }),
    });
    await service.renew(WEBCHAT, { externalId: 'anna', attributes: { plan: 'basic' } }, { mayAge: true });
    pass(86_400 - 100);
    await service.renew(WEBCHAT, { externalId: 'anna', attributes: { plan: 'basic' } });
    pass(400);
    await service.renew(WEBCHAT, { externalId: 'anna', attributes: { plan: 'gold' } });
    await service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true });
    await service.forget(WEBCHAT, 'bert');
    expect(told.map(({ externalId, reason }) => `${externalId} ${reason}`)).toEqual([
      'anna renewed',
      'anna attributes_changed',
      'anna evicted',
      'bert forgotten',
    ]);
  });
});
