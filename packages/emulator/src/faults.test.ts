// Each fault as its caller meets it, over real sockets.
import { describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { NOON, type Rig, rig } from './testing.ts';

const meet = async (cloud: Rig, fault: Omit<Fault, 'call'>, call: Fault['call'] = 'guestTokens') => {
  await cloud.oauth();
  cloud.emulator.fault({ call, ...fault });
  return call === 'oauthToken' ? cloud.oauth() : cloud.guest();
};

describe('a fault', () => {
  it.each(['reset', 'cut'] as const)('%s breaks the connection', async (fault) => {
    await using cloud = await rig();
    const body = meet(cloud, { fault }).then((response) => response.text());
    await expect(body).rejects.toThrow();
    expect((await cloud.guest()).status).toBe(200);
  });

  it('hang never answers, and does not keep the emulator from closing', async () => {
    const cloud = await rig();
    const hung = meet(cloud, { fault: 'hang' });
    const outcome = expect(hung).rejects.toThrow();
    await expect.poll(() => cloud.emulator.stats().byStatus['hang']).toBe(1);
    await cloud.emulator.close();
    await outcome;
  });

  it('drip sends every byte on its own', async () => {
    await using cloud = await rig();
    const response = await meet(cloud, { fault: 'drip', ms: 1 });
    const body = (await response.json()) as { token: string };
    expect(body.token).toHaveLength(131);
  });

  it('drip ends with the emulator', async () => {
    const cloud = await rig();
    const response = await meet(cloud, { fault: 'drip', ms: 600_000 });
    const outcome = expect(response.text()).rejects.toThrow();
    await cloud.emulator.close();
    await outcome;
  });

  it.each([
    ['empty', ''],
    ['html', expect.stringMatching(/^<!doctype html>/)],
    ['wrong-shape', '{"token":42}'],
  ] as const)('%s is a 200 that is none', async (fault, text) => {
    await using cloud = await rig();
    const response = await meet(cloud, { fault });
    expect(response.status).toBe(200);
    expect(await response.text()).toEqual(text);
  });

  it('other-guest and past-expiry are good answers but for one field', async () => {
    await using cloud = await rig();
    expect(await (await meet(cloud, { fault: 'other-guest' })).json()).toMatchObject({
      externalId: 'somebody-else',
      webchatId: 'chat',
    });
    expect(await (await meet(cloud, { fault: 'past-expiry' })).json()).toMatchObject({
      externalId: 'ann',
      expirationTime: new Date(NOON - 60_000).toISOString(),
    });
    expect(await (await meet(cloud, { fault: 'past-expiry' }, 'oauthToken')).json()).toMatchObject({
      expires_in: -60,
    });
  });

  it('huge is as long as it says, and JSON at last', async () => {
    await using cloud = await rig();
    const response = await meet(cloud, { fault: 'huge', bytes: 3_000_000 });
    expect(((await response.json()) as { token: string }).token).toHaveLength(3_000_000);
  });

  it('redirect is counted when it is followed', async () => {
    await using cloud = await rig();
    expect((await meet(cloud, { fault: 'redirect' })).redirected).toBe(true);
    expect(cloud.emulator.stats().redirected).toBe(1);
  });

  it('delay gives the right answer late', async () => {
    await using cloud = await rig();
    const response = await meet(cloud, { fault: 'delay', ms: 1 });
    expect(response.status).toBe(200);
  });

  it.each([
    [{ status: 429, retryAfter: '7' }, 'Rate limit exceeded the maximum. Retry the request in [7] seconds'],
    [{ status: 429, retryAfter: 'soon' }, 'Rate limit exceeded the maximum.'],
    [{ status: 503, retryAfter: 'Mon, 23 Nov 2026 12:01:00 GMT' }, 'HTTP 503'],
    [{ status: 409, retryAfter: undefined, code: 'conflict', message: 'Busy' }, 'Busy'],
  ])('status has the body of the platform: %j', async (parameters, message) => {
    await using cloud = await rig();
    const response = await meet(cloud, { fault: 'status', ...parameters });
    expect(response.status).toBe(parameters.status);
    expect(response.headers.get('retry-after')).toBe(parameters.retryAfter ?? null);
    expect(await response.json()).toMatchObject({ message, status: parameters.status, errors: [] });
  });

  it('of OAuth speaks as OAuth does', async () => {
    await using cloud = await rig();
    const response = await meet(cloud, { fault: 'status', status: 401 }, 'oauthToken');
    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
  });

  it('is met so many times, in order, by its own call alone', async () => {
    await using cloud = await rig();
    cloud.emulator.fault({ call: 'guestTokens', fault: 'status', status: 500, times: 2 });
    cloud.emulator.fault({ call: 'guestTokens', fault: 'status', status: 502, times: 'always' });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await cloud.guest()).status);
    expect(statuses).toEqual([500, 500, 502, 502]);
    cloud.emulator.clearFaults();
    expect((await cloud.guest()).status).toBe(200);
  });

  it('is met by calls alone whose body contains what it names', async () => {
    await using cloud = await rig();
    const ask = async (nickname: string) => {
      const answer = await cloud.guest({ externalId: 'ann', webchatId: 'chat', attributes: { nickname } });
      return answer.status;
    };
    cloud.emulator.fault({
      call: 'guestTokens',
      fault: 'status',
      status: 403,
      containing: 'DROP',
      times: 'always',
    });
    expect([await ask('Ann'), await ask('DROP TABLE'), await ask('Ben')]).toEqual([200, 403, 200]);
  });

  it.each([
    [null, 'not an object'],
    [{ call: 'token', fault: 'hang' }, 'its call must be one of'],
    [{ call: 'guestTokens', fault: 'hangs' }, 'its fault must be one of'],
    [{ call: 'guestTokens', fault: 'hang', time: 2 }, "no field 'time'"],
    [{ call: 'guestTokens', fault: 'hang', times: 0 }, 'its times must be'],
    [{ call: 'config', fault: 'other-guest' }, 'for guestTokens alone'],
    [{ call: 'config', fault: 'status', status: 99 }, 'its status must be'],
    [{ call: 'config', fault: 'status', retryAfter: '明日' }, 'its retryAfter must be'],
    [{ call: 'config', fault: 'redirect', location: '/\n' }, 'its location must be'],
    [{ call: 'guestTokens', fault: 'status', containing: '' }, 'its containing must be'],
    [{ call: 'config', fault: 'status', containing: 'Ann' }, "'containing' is for guestTokens alone"],
  ])('that cannot be is refused: %j', async (fault, problem) => {
    await using cloud = await rig();
    expect(() => cloud.emulator.fault(fault as Fault)).toThrow(problem);
  });
});
