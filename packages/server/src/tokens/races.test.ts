// What happens between one step and the next: a call that is called off, an end.
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';

const anna = { externalId: 'anna' };

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'served',
    (error: unknown) => (error instanceof GuestTokenError ? error.code : error),
  );

describe('who comes after all have hung up', () => {
  it('is not told that the caller hung up', async () => {
    const { service, emulator } = await startRig({}, { latency: 300 });
    const hangUp = new AbortController();
    const gone = outcome(service.renew(WEBCHAT, anna, { signal: hangUp.signal }));
    await expect.poll(() => emulator.stats().connections.opened).toBeGreaterThan(0);
    // The call waits for its access token: it is called off before it leaves.
    hangUp.abort();
    expect(await outcome(service.renew(WEBCHAT, anna))).toBe('served');
    expect(await gone).toBe('upstream_unavailable');
    expect(emulator.stats().guestTokens).toBe(1);
  });
});

describe('patience', () => {
  it('that ends leaves the call under way, and its token is there for the next', async () => {
    const { service, emulator } = await startRig({}, { latency: 30 });
    const call = service.renew(WEBCHAT, anna);
    // The page was answered without one; nobody awaits the call.
    await expect.poll(async () => (await service.find(WEBCHAT, anna)).state).toBe('fresh');
    await service.renew(WEBCHAT, anna);
    expect(emulator.stats().guestTokens).toBe(1);
    await call;
  });
});

describe('a guest who is forgotten while a token is renewed', () => {
  it('gets a new one next time, and not the one that was being made', async () => {
    const { service, emulator, pass } = await startRig({}, { latency: 30 });
    await service.renew(WEBCHAT, anna);
    pass(86_400 - 100);
    const renewal = service.renew(WEBCHAT, anna);
    await expect.poll(() => emulator.stats().guestTokens).toBe(2);
    expect(await service.forget(WEBCHAT, 'anna')).toBe(true);
    const late = (await renewal).token;
    expect((await service.find(WEBCHAT, anna)).state).toBe('missing');
    expect((await service.renew(WEBCHAT, anna)).token.token).not.toBe(late.token);
  });
});
