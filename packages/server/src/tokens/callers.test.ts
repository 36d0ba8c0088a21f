// What callers and listeners of the tokens meet: the gate, hanging up, closing, and what is told of it.
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../errors.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';

const anna = { externalId: 'anna' };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GuestTokenError) return error.code;
    throw error;
  }
  return 'no error';
};

describe('gate', () => {
  it('is asked by who causes a call, and not by who joins it or finds a token', async () => {
    const { core } = await startRig();
    let asked = 0;
    const gate = () => {
      asked += 1;
    };
    await Promise.all([core.renew(WEBCHAT, anna, { gate }), core.renew(WEBCHAT, anna, {})]);
    await core.renew(WEBCHAT, anna, { gate });
    expect(asked).toBe(1);
  });

  it('is asked once for all who want a new guest at the same time', async () => {
    const { core, emulator } = await startRig();
    let asked = 0;
    const gate = async () => {
      asked += 1;
      await settled();
    };
    await Promise.all(Array.from({ length: 20 }, () => core.renew(WEBCHAT, anna, { gate })));
    expect(asked).toBe(1);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('does not refuse one caller for what another is', async () => {
    const { core } = await startRig();
    const refuse = async () => {
      await settled();
      throw new GuestTokenError('too_many_guests', 'no');
    };
    const admit = async () => {};
    const outcomes = await Promise.all([
      codeOf(core.renew(WEBCHAT, anna, { gate: refuse })),
      codeOf(core.renew(WEBCHAT, anna, { gate: admit })),
    ]);
    expect(outcomes).toEqual(['too_many_guests', 'no error']);
    expect(core.observer.telemetry().failed).toBe(0);
  });

  it('refuses before a call is made', async () => {
    const { core, emulator } = await startRig();
    const gate = () => {
      throw new GuestTokenError('too_many_guests', 'no');
    };
    expect(await codeOf(core.renew(WEBCHAT, anna, { gate }))).toBe('too_many_guests');
    expect(emulator.stats()).toMatchObject({ oauthToken: 0, guestTokens: 0 });
  });
});

describe('what is told', () => {
  it('counts and records provisionings, not cached answers', async () => {
    const { core, emulator, pass } = await startRig();
    const heard: string[] = [];
    core.observer.on('issued', ({ action }) => heard.push(action));
    core.observer.on('renewed', ({ action }) => heard.push(action));
    core.observer.on('failed', ({ action }) => heard.push(action));
    await core.obtain(WEBCHAT, anna);
    await core.obtain(WEBCHAT, anna);
    pass(86_400 - 1);
    await core.renew(WEBCHAT, anna);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 400 });
    await codeOf(core.obtain(WEBCHAT, { externalId: 'bert' }));
    expect(heard).toEqual(['ISSUED', 'RENEWED', 'FAILED']);
    expect(core.observer.auditLog().map(({ action }) => action)).toEqual(heard);
    expect(core.observer.telemetry()).toMatchObject({
      issued: 1,
      renewed: 1,
      failed: 1,
      cacheHits: 1,
      upstreamCalls: 5,
    });
  });

  it('carries the correlation id of a refusal, and no token anywhere', async () => {
    const { core, emulator } = await startRig();
    const { token } = await core.obtain(WEBCHAT, anna);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
    await codeOf(core.obtain(WEBCHAT, { externalId: 'bert' }));
    const failed = core.observer.auditLog().at(-1);
    expect(failed?.correlationId).toMatch(/.+/);
    expect(failed?.reason).toContain('webchat:guest-token:create');
    expect(JSON.stringify(core.observer.auditLog())).not.toContain(token.token);
  });

  it('survives a listener that throws', async () => {
    const { core } = await startRig();
    core.observer.on('issued', () => {
      throw new Error('the site is broken');
    });
    expect((await core.obtain(WEBCHAT, anna)).token.externalId).toBe('anna');
  });

  it('survives listeners and an onInvalidate whose promise is rejected', async () => {
    const broken = async () => {
      throw new Error('the site is broken');
    };
    const { core } = await startRig({ onInvalidate: broken });
    core.observer.on('issued', broken);
    await core.obtain(WEBCHAT, anna);
    await core.forget(WEBCHAT, 'anna');
    // A rejection that nobody takes fails the run.
    await settled();
  });
});

describe('hanging up', () => {
  it('takes a call out of the queue when nobody waits for it any more', async () => {
    const { core, emulator } = await startRig(
      { upstream: { perMinute: 300, concurrency: 1, maxQueue: 10, timeout: 5_000, deadline: 15_000 } },
      { latency: 30 },
    );
    const first = core.obtain(WEBCHAT, anna);
    const hangUp = new AbortController();
    const left = codeOf(core.renew(WEBCHAT, { externalId: 'bert' }, { signal: hangUp.signal }));
    await settled();
    hangUp.abort();
    await first;
    expect(await left).toBe('upstream_unavailable');
    expect(emulator.stats().guestTokens).toBe(1);
  });
});

describe('close', () => {
  it('finishes what is under way and refuses the rest', async () => {
    const { core } = await startRig({}, { latency: 20 });
    const underWay = core.obtain(WEBCHAT, anna);
    await settled();
    const closed = core.close();
    expect(await codeOf(core.obtain(WEBCHAT, { externalId: 'bert' }))).toBe('upstream_unavailable');
    expect((await underWay).token.externalId).toBe('anna');
    await closed;
    expect(core.health().ready).toBe(false);
  });
});
