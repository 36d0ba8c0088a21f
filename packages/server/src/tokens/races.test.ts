// What happens between one step and the next: a gate that takes its time, a call that is called off, an end.
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../errors.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';

const anna = { externalId: 'anna' };

const latch = () => {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, gate: () => opened };
};

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'served',
    (error: unknown) => (error instanceof GuestTokenError ? error.code : error),
  );

describe('a gate that takes its time', () => {
  it('leads to one call for all who came meanwhile', async () => {
    const { core, emulator } = await startRig();
    const { open, gate } = latch();
    const slow = core.renew(WEBCHAT, anna, { gate });
    const quick = core.renew(WEBCHAT, anna);
    open();
    expect((await slow).token).toBe((await quick).token);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('that refuses refuses who asked it, not who came meanwhile', async () => {
    const { core, emulator } = await startRig();
    const gate = () => Promise.reject(new GuestTokenError('too_many_guests', 'no'));
    const refused = outcome(core.renew(WEBCHAT, anna, { gate }));
    const served = outcome(core.renew(WEBCHAT, anna));
    expect(await refused).toBe('too_many_guests');
    expect(await served).toBe('served');
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('leads nowhere once the tokens are closed', async () => {
    const { core, emulator } = await startRig();
    const { open, gate } = latch();
    const slow = outcome(core.renew(WEBCHAT, anna, { gate }));
    await new Promise((resolve) => setImmediate(resolve));
    const closed = core.close();
    open();
    expect(await slow).toBe('upstream_unavailable');
    await closed;
    expect(emulator.stats().oauthToken).toBe(0);
  });
});

describe('who comes after all have hung up', () => {
  it('is not told that the caller hung up', async () => {
    const { core, emulator } = await startRig({}, { latency: 300 });
    const hangUp = new AbortController();
    const gone = outcome(core.renew(WEBCHAT, anna, { signal: hangUp.signal }));
    await expect.poll(() => emulator.stats().connections.opened).toBeGreaterThan(0);
    // The call waits for its access token: it is called off before it leaves.
    hangUp.abort();
    expect(await outcome(core.renew(WEBCHAT, anna))).toBe('served');
    expect(await gone).toBe('upstream_unavailable');
    expect(emulator.stats().guestTokens).toBe(1);
  });
});

describe('patience', () => {
  it('that ends leaves the call under way, and its token is there for the next', async () => {
    const { core, emulator } = await startRig({}, { latency: 30 });
    const call = core.renew(WEBCHAT, anna);
    // The page was answered without one; nobody awaits the call.
    await expect.poll(async () => (await core.find(WEBCHAT, anna)).state).toBe('fresh');
    await core.renew(WEBCHAT, anna);
    expect(emulator.stats().guestTokens).toBe(1);
    await call;
  });
});

describe('a guest who is forgotten while a token is renewed', () => {
  it('gets a new one next time, and not the one that was being made', async () => {
    const { core, emulator, pass } = await startRig({}, { latency: 30 });
    await core.renew(WEBCHAT, anna);
    pass(86_400 - 100);
    const renewal = core.renew(WEBCHAT, anna);
    await expect.poll(() => emulator.stats().guestTokens).toBe(2);
    expect(await core.forget(WEBCHAT, 'anna')).toBe(true);
    const late = (await renewal).token;
    expect((await core.find(WEBCHAT, anna)).state).toBe('missing');
    expect((await core.renew(WEBCHAT, anna)).token.token).not.toBe(late.token);
  });
});
