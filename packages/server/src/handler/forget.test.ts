// Forgetting: a forgotten cookie is dead, whoever has a copy of it, and who had nothing leaves nothing.
import type { IncomingMessage } from 'node:http';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { fakeTokens } from '../testing/fake-tokens.ts';
import { startRig, WEBCHAT } from '../testing/rig.ts';
import { cookieOf, identify, MOUNTS, mountOf, start, visitor } from '../testing/site.ts';

describe.each(MOUNTS)('on %s', (_name, mount) => {
  it('a cookie that is sent again after it begins a new guest, without a call for the old one', async () => {
    const site = start(mount);
    const cookie = await visitor(site);
    const { body } = await site.post('/renew').set('Cookie', cookie);
    await site.post('/forget').set('Cookie', cookie);
    const replayed = await site.post('/renew').set('Cookie', cookie);
    expect([replayed.status, replayed.body.externalId, replayed.body.renewIn]).toEqual([200, undefined, 0]);
    expect(replayed.headers['set-cookie']).toHaveLength(1);
    expect(site.service.calls).toHaveLength(1);
    const [until] = site.service.revoked.values();
    expect(until).toBeGreaterThan(site.service.now() + 29 * 86_400_000);
    expect(body.externalId).toMatch(/^guest-/);
  });

  it('a cookie that never had a token needs no mark', async () => {
    const site = start(mount);
    const cookie = await visitor(site);
    expect((await site.post('/forget').set('Cookie', cookie)).status).toBe(204);
    expect(site.service.revoked.size).toBe(0);
  });

  it('a member is not revoked: the site names them again', async () => {
    const site = start(mount, { identify });
    await site.post('/renew');
    await site.post('/forget');
    expect(site.service.revoked.size).toBe(0);
    expect((await site.post('/renew')).body.guestToken).toBeDefined();
  });
});

it('a forgotten guest is proven to nobody, however often the cookie is sent again', async () => {
  const service = fakeTokens();
  const agent = request(mountOf(service, {}, {}, { factsOf: () => ({ proof: 'a proof' }) }).handler);
  const cookie = cookieOf((await agent.post('/renew')).headers);
  const config = async () => (await agent.get('/config').set('Cookie', cookie)).body;
  // Before its first token as well as with it.
  expect(await config()).toMatchObject({ proof: 'a proof', renewIn: 0 });
  await agent.post('/renew').set('Cookie', cookie);
  expect(await config()).toMatchObject({ proof: 'a proof', guestToken: expect.any(String) });
  await agent.post('/forget').set('Cookie', cookie);
  for (const answer of [await config(), (await agent.post('/renew').set('Cookie', cookie)).body]) {
    expect(answer).toMatchObject({ renewIn: 0 });
    expect([answer.proof, answer.externalId]).toEqual([undefined, undefined]);
  }
});

it("a forgotten guest is nobody to the site's own routes", async () => {
  const { handler, visitor: whoIs } = mountOf(fakeTokens());
  const agent = request(handler);
  const cookie = cookieOf((await agent.post('/renew')).headers);
  const known = () => whoIs({ headers: { cookie } } as IncomingMessage);
  expect(await known()).toBeDefined();
  await agent.post('/renew').set('Cookie', cookie);
  await agent.post('/forget').set('Cookie', cookie);
  expect(await known()).toBeUndefined();
});

it('1,800 forgets of one cookie push nothing out of the audit log and leave nothing', async () => {
  const { service, observer } = await startRig();
  await service.renew(WEBCHAT, { externalId: 'anna' }, { mayAge: true });
  for (let i = 0; i < 1_800; i += 1) await service.forget(WEBCHAT, 'nobody', service.now() + 1_000);
  expect(observer.auditLog().map(({ action }) => action)).toEqual(['ISSUED']);
  expect(await service.isRevoked(WEBCHAT, 'nobody')).toBe(false);
  expect(await service.forget(WEBCHAT, 'anna', service.now() + 1_000)).toBe(true);
  expect(observer.auditLog().map(({ action }) => action)).toEqual(['ISSUED', 'FORGOTTEN']);
});

it('erasing a person leaves a hash in the audit log, and no token in any webchat', async () => {
  const { service, observer } = await startRig();
  await service.renew(WEBCHAT, { externalId: 'anna' }, { mayAge: true });
  await service.renew('another', { externalId: 'anna' }, { mayAge: true });
  await service.renew(WEBCHAT, { externalId: 'bert' }, { mayAge: true });
  expect(await service.erase('anna')).toBe(true);
  for (const webchat of [WEBCHAT, 'another']) {
    expect((await service.find(webchat, { externalId: 'anna' })).state).toBe('missing');
  }
  expect(JSON.stringify(observer.auditLog())).not.toContain('anna');
  expect(observer.auditLog().map(({ action }) => action)).toEqual(['ISSUED', 'ERASED']);
  expect(await service.erase('anna')).toBe(false);
});
