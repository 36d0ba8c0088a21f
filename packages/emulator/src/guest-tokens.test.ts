// The guest-token endpoint, over real sockets: who may, what is taken, how often.
import { describe, expect, it } from 'vitest';
import { NOON, rig } from './testing.ts';

const good = { externalId: 'ann', webchatId: 'chat' };
const attributes = (count: number, key = 'k', value = 'v') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${key}${i}`, value]));

describe('a guest token', () => {
  it('comes with the request, an expiry a day ahead, and the headers of the platform', async () => {
    await using cloud = await rig();
    const response = await cloud.guest({ ...good, attributes: { plan: 'gold' } });
    expect(response.status).toBe(200);
    const body = (await response.json()) as Record<string, string>;
    expect(body).toEqual({
      ...good,
      attributes: { plan: 'gold' },
      expirationTime: '2026-11-24T12:00:00.000Z',
      token: expect.stringMatching(/^emu-guest-/),
    });
    expect(body['token']).toHaveLength(131);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'inin-ratelimit-count': '1',
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-reset': '60',
      date: 'Mon, 23 Nov 2026 12:00:00 GMT',
      'inin-correlation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('is another one each time', async () => {
    await using cloud = await rig();
    const [one, two] = await Promise.all(
      [cloud.guest(), cloud.guest()].map(
        async (answer) => ((await (await answer).json()) as { token: string }).token,
      ),
    );
    expect(one).not.toBe(two);
    expect(cloud.emulator.stats().perGuest).toEqual({ issued: 2, guests: 1, max: 2 });
  });

  it.each([
    ['a shorter life', 60, '2026-11-23T12:00:30Z', '2026-11-23T12:00:30.000Z'],
    ['a longer life', 60, '2026-12-23T12:00:00Z', '2026-11-23T12:01:00.000Z'],
  ])('that asks for %s than the longest lives as long as it may', async (_, tokenLifetime, asked, given) => {
    await using cloud = await rig({ tokenLifetime });
    const body = await (await cloud.guest({ ...good, expirationTime: asked })).json();
    expect(body).toMatchObject({ expirationTime: given });
  });
});

describe('the payload', () => {
  it.each([
    { ...good, externalId: 'x'.repeat(255) },
    { ...good, attributes: attributes(20) },
    { ...good, attributes: { ['k'.repeat(128)]: 'v'.repeat(512) } },
    { ...good, attributes: null, expirationTime: null },
    { ...good, expirationTime: '2026-11-23T14:00:00+01:00' },
  ])('is taken at its limits: %#', async (body) => {
    await using cloud = await rig();
    expect((await cloud.guest(body)).status).toBe(200);
  });

  it.each([
    ['not JSON', '{', undefined],
    ['an array', [], undefined],
    ['no externalId', { webchatId: 'chat' }, 'externalId'],
    ['an empty externalId', { ...good, externalId: '' }, 'externalId'],
    ['256 characters', { ...good, externalId: 'x'.repeat(256) }, 'externalId'],
    ['a number for an id', { ...good, externalId: 7 }, 'externalId'],
    ['no webchatId', { externalId: 'ann' }, 'webchatId'],
    ['21 attributes', { ...good, attributes: attributes(21) }, 'attributes'],
    ['an attribute that is a number', { ...good, attributes: { age: 7 } }, 'attributes.age'],
    ['a key of 129', { ...good, attributes: { ['k'.repeat(129)]: 'v' } }, `attributes.${'k'.repeat(32)}`],
    ['a value of 513', { ...good, attributes: { a: 'v'.repeat(513) } }, 'attributes.a'],
    ['attributes as a list', { ...good, attributes: ['a'] }, 'attributes'],
    ['a date alone', { ...good, expirationTime: '2027-01-01' }, 'expirationTime'],
    ['31 February', { ...good, expirationTime: '2027-02-31T00:00:00Z' }, 'expirationTime'],
    ['the past', { ...good, expirationTime: '2026-11-23T11:59:59Z' }, 'expirationTime'],
    ['this very moment', { ...good, expirationTime: '2026-11-23T12:00:00Z' }, 'expirationTime'],
    ['a number for a time', { ...good, expirationTime: NOON + 60_000 }, 'expirationTime'],
  ])('with %s is refused with its field', async (_, body, field) => {
    await using cloud = await rig();
    const response = await cloud.guest(body);
    expect(response.status).toBe(400);
    const refusal = (await response.json()) as { details: { fieldName: string }[]; contextId: string };
    expect(refusal).toMatchObject({ status: 400, code: 'bad.request', messageParams: {} });
    expect(refusal.details.map(({ fieldName }) => fieldName)).toEqual(field === undefined ? [] : [field]);
    expect(response.headers.get('inin-correlation-id')).toBe(refusal.contextId);
    expect(cloud.emulator.stats().perGuest.issued).toBe(0);
  });

  it('names every fault at once', async () => {
    await using cloud = await rig();
    const body = (await (await cloud.guest({ attributes: { a: 1 } })).json()) as { errors: unknown[] };
    expect(body.errors).toHaveLength(3);
  });
});

describe('who may', () => {
  it.each([
    ['nobody', { Authorization: '' }, 'authentication.required'],
    ['another scheme', { Authorization: 'Basic eA==' }, 'authentication.required'],
    ['a stranger', { Authorization: 'Bearer made-up' }, 'bad.credentials'],
  ])('not %s', async (_, headers, code) => {
    await using cloud = await rig();
    const response = await cloud.guest(good, headers);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code, status: 401, details: [], errors: [] });
  });

  it('not an access token that has expired, or that was revoked', async () => {
    await using cloud = await rig({ accessTokenLifetime: 300 });
    expect((await cloud.guest()).status).toBe(200);
    cloud.clock.at += 300_000;
    expect(await (await cloud.guest()).json()).toMatchObject({ status: 401, code: 'credentials.expired' });
    cloud.emulator.revokeAccessTokens();
    expect(await (await cloud.guest()).json()).toMatchObject({ status: 401, code: 'bad.credentials' });
  });

  it('not a client without the scope, nor for a webchat that is not there', async () => {
    await using unscoped = await rig({ scopes: ['webchat:guest-token:read'] });
    expect(await (await unscoped.guest()).json()).toMatchObject({
      status: 403,
      code: 'missing.permissions',
      messageParams: { permissions: 'webchat:guest-token:create' },
    });
    await using elsewhere = await rig({ webchatIds: ['other'] });
    expect(await (await elsewhere.guest()).json()).toMatchObject({ status: 403, code: 'not.authorized' });
  });

  it.each([
    ['a body over 512,000 bytes', 'x'.repeat(512_001), {}, 413],
    ['another content type', good, { 'Content-Type': 'text/plain' }, 415],
  ])('not %s', async (_, body, headers, status) => {
    await using cloud = await rig();
    const response = await cloud.guest(body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, contextId: expect.any(String) });
  });

  it('not another method, nor another path', async () => {
    await using cloud = await rig();
    const method = await fetch(cloud.emulator.endpoints.guestTokens);
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST']);
    const path = await fetch(`${cloud.emulator.url}/api/v2/users`);
    expect(path.status).toBe(404);
    expect(await path.json()).toMatchObject({ code: 'not.found', status: 404 });
  });
});

describe('the limit of calls', () => {
  it('is counted in a window of a minute, and says when the next one starts', async () => {
    await using cloud = await rig({ rateLimit: 2 });
    expect((await cloud.guest()).status).toBe(200);
    cloud.clock.at += 18_000;
    expect((await cloud.guest()).status).toBe(200);
    const refused = await cloud.guest();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('42');
    expect(await refused.json()).toMatchObject({
      message: 'Rate limit exceeded the maximum. Retry the request in [42] seconds',
      code: 'too.many.requests.retry.after',
      status: 429,
    });
    cloud.clock.at += 41_999;
    expect((await cloud.guest()).status).toBe(429);
    cloud.clock.at += 1;
    expect((await cloud.guest()).status).toBe(200);
  });

  it('tells the calls that did not wait from those that did', async () => {
    await using cloud = await rig({ rateLimit: 1 });
    await cloud.guest();
    await cloud.guest();
    expect(cloud.emulator.stats()).toMatchObject({
      pauses: [{ call: 'guestTokens', status: 429, at: NOON, until: NOON + 60_000 }],
      earlyCount: 0,
    });
    cloud.clock.at += 10_000;
    await cloud.guest();
    cloud.clock.at += 50_000;
    await cloud.guest();
    expect(cloud.emulator.stats()).toMatchObject({
      earlyCount: 1,
      early: [{ call: 'guestTokens', at: NOON + 10_000, afterAnswer: 10_000, tooEarlyBy: 50_000 }],
      byStatus: { 200: 3, 429: 2 },
    });
  });
});
