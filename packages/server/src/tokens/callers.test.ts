// What callers and listeners of the tokens meet: hanging up, closing, and what is told of it.

import { describe, expect, it, vi } from 'vitest';
import { codeOf, settled } from '../testing/promises.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';

const anna = { externalId: 'anna' };

describe('what is told', () => {
  it('counts and records provisionings, not cached answers', async () => {
    const { service, emulator, pass, observer } = await startRig();
    const heard: string[] = [];
    observer.on('issued', ({ action }) => heard.push(action));
    observer.on('renewed', ({ action }) => heard.push(action));
    observer.on('failed', ({ action }) => heard.push(action));
    await service.renew(WEBCHAT, anna, { mayAge: true });
    await service.renew(WEBCHAT, anna, { mayAge: true });
    pass(86_400 - 1);
    await service.renew(WEBCHAT, anna);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 400 });
    await codeOf(service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true }));
    expect(heard).toEqual(['ISSUED', 'RENEWED', 'FAILED']);
    expect(observer.auditLog().map(({ action }) => action)).toEqual(heard);
    expect(observer.telemetry()).toMatchObject({
      issued: 1,
      renewed: 1,
      failed: 1,
      cacheHits: 1,
      upstreamCalls: 5,
    });
  });

  it('carries the correlation id of a refusal, and no token anywhere', async () => {
    const { service, emulator, observer } = await startRig();
    const { token } = await service.renew(WEBCHAT, anna, { mayAge: true });
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
    await codeOf(service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true }));
    const failed = observer.auditLog().at(-1);
    expect(failed?.correlationId).toMatch(/.+/);
    expect(failed?.reason).toContain('webchat:guest-token:create');
    expect(JSON.stringify(observer.auditLog())).not.toContain(token.token);
  });

  it('survives a listener that throws', async () => {
    const { service, observer } = await startRig();
    observer.on('issued', () => {
      throw new Error('the site is broken');
    });
    expect((await service.renew(WEBCHAT, anna, { mayAge: true })).token.externalId).toBe('anna');
  });

  it('survives listeners and an onInvalidate whose promise is rejected', async () => {
    const broken = async () => {
      throw new Error('the site is broken');
    };
    const { service, observer } = await startRig({ onInvalidate: broken });
    observer.on('issued', broken);
    await service.renew(WEBCHAT, anna, { mayAge: true });
    await service.forget(WEBCHAT, 'anna');
    // A rejection that nobody takes fails the run.
    await settled();
  });
});

describe('hanging up', () => {
  it('takes a call out of the queue when nobody waits for it any more', async () => {
    const { service, emulator } = await startRig(
      { perMinute: 300, concurrency: 1, maxQueue: 10, timeout: 5_000, deadline: 15_000 },
      { latency: 30 },
    );
    const first = service.renew(WEBCHAT, anna, { mayAge: true });
    const hangUp = new AbortController();
    const left = codeOf(service.renew(WEBCHAT, { externalId: 'bert' }, { signal: hangUp.signal }));
    await settled();
    hangUp.abort();
    await first;
    expect(await left).toBe('upstream_unavailable');
    expect(emulator.stats().guestTokens).toBe(1);
  });
});

describe('close', () => {
  it('finishes what is under way and refuses the rest', async () => {
    const { service } = await startRig({}, { latency: 20 });
    const underWay = service.renew(WEBCHAT, anna, { mayAge: true });
    await settled();
    const closed = service.close();
    expect(await codeOf(service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true }))).toBe(
      'upstream_unavailable',
    );
    expect((await underWay).token.externalId).toBe('anna');
    await closed;
    expect(service.health().ready).toBe(false);
  });

  it('waits for no secret that does not come, and asks for none again', async () => {
    const clientSecret = vi.fn(() => new Promise<string>(() => {}));
    const { service } = await startRig({ clientSecret });
    const underWay = codeOf(service.renew(WEBCHAT, anna, { mayAge: true }));
    await vi.waitFor(() => expect(clientSecret).toHaveBeenCalled());
    await service.close({ timeout: 0 });
    expect(await underWay).toBe('upstream_unavailable');
    expect(clientSecret).toHaveBeenCalledTimes(1);
  });
});
