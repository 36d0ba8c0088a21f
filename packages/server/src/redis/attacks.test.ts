// Whoever writes to Redis, or forgets without end, brings nothing back, breaks nothing and fills nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { guest, issuing, now, openStore, tokenOf } from '../testing/open-store.ts';
import { describeWithRedis, type RedisServer, startTestRedis } from '../testing/redis.ts';

const ONE = { name: 'address 203.0.113.7', limit: 5, window: 60_000 };

const anna = guest('anna');
const YEAR = '31536000000';

const keysOf = async (redis: RedisServer, pattern: string): Promise<string[]> =>
  (await redis.command('KEYS', pattern)) as string[];

const instancesOf = async (redis: RedisServer): Promise<unknown> => {
  const [key = ''] = await keysOf(redis, '*:instances:*');
  return redis.command('ZCARD', key);
};

describeWithRedis('who writes to Redis', () => {
  const start = async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    const issue = (token: string, ms?: number) =>
      one.issue(
        anna,
        issuing(async () => tokenOf(anna, token, ms)),
      );
    const copy = async () => {
      const [key = ''] = await keysOf(redis, '*:guest-token:*');
      return { key, text: String(await redis.command('GET', key)) };
    };
    return { redis, one, two, issue, copy };
  };

  it('revives no forgotten token by writing it again with a new time to live', async () => {
    const { redis, one, two, issue, copy } = await start();
    await issue('first');
    const { key, text } = await copy();
    expect(await two.forget(anna)).toBe(true);
    await redis.command('SET', key, text, 'PX', YEAR);
    for (const store of [one, two, openStore(redis.url)]) expect(await store.find(anna)).toBeUndefined();
    expect((await issue('second')).token).toBe('second');
    await redis.command('SET', key, text, 'PX', YEAR);
    expect(await openStore(redis.url).find(anna)).toBeUndefined();
    expect((await one.find(anna))?.token).toBe('second');
  });

  it('revives no dead token, and lengthens the life of none', async () => {
    const { redis, two, issue, copy } = await start();
    const { expiresAt } = await issue('short', 300);
    const { key, text } = await copy();
    await redis.command('SET', key, text, 'PX', YEAR);
    const found = await two.find(anna);
    if (found) expect(found.expiresAt).toBeLessThanOrEqual(expiresAt + 250);
    while (await two.find(anna)) await sleep(20);
    await redis.command('SET', key, text, 'PX', YEAR);
    expect(await openStore(redis.url).find(anna)).toBeUndefined();
    expect(
      (
        await two.issue(
          anna,
          issuing(async () => tokenOf(anna, 'next')),
        )
      ).token,
    ).toBe('next');
  });

  it("passes no guest's token for another's", async () => {
    const { redis, one, two, issue, copy } = await start();
    await issue('hers');
    const { text } = await copy();
    await one.issue(
      guest('bert'),
      issuing(async () => tokenOf(guest('bert'), 'his')),
    );
    for (const key of await keysOf(redis, '*:guest-token:*')) {
      await redis.command('SET', key, text, 'PX', YEAR);
    }
    expect((await two.find(anna))?.token).toBe('hers');
    expect(await two.find(guest('bert'))).toBeUndefined();
  });

  it.each([
    ['no text of ours', ['SET', 'v1.x.y']],
    ['an endless number', ['SET', '1e999']],
    ['a number from the future', ['SET', '99999999999999']],
    ['a mark from the future', ['SET', '99999999999999 99999999999999']],
    ['a mark without end', ['SET', '1 9999999999999999999999999999']],
    ['a list', ['LPUSH', 'a']],
    ['a hash', ['HSET', 'field', 'value']],
    ['a sorted set', ['ZADD', '9e99', 'member']],
  ] as const)('breaks nothing with %s under every key', async (_name, [command, ...value]) => {
    const { redis, one, issue } = await start();
    await issue('first');
    await one.forget(anna);
    await issue('second');
    await one.forget(anna, now() + 60_000);
    await issue('third');
    await one.spend('code', 60_000);
    await one.shared.slidingWindow.take('known');
    await one.shared.counter.consume(ONE);
    one.shared.slidingWindow.pause(1);
    one.shared.slidingWindow.learn(60, 30, 1_000);
    const keys = await keysOf(redis, '*');
    for (const key of [...keys, ...keys.map((name) => name.replace(':guest-token:', ':guest-lease:'))]) {
      await redis.command('DEL', key);
      await redis.command(command, key, ...value);
    }
    const store = openStore(redis.url);
    await store.find(anna);
    expect(
      (
        await store.issue(
          anna,
          issuing(async () => tokenOf(anna, 'fourth')),
        )
      ).token,
    ).toBe('fourth');
    expect((await store.find(anna))?.token).toBe('fourth');
    expect(await store.forget(anna, now() + 60_000)).toBe(true);
    expect(await store.find(anna)).toBeUndefined();
    expect(await openStore(redis.url).revoked(anna)).toBe(true);
    await store.erase('anna').catch((error: Error) => expect(error.name).toBe('StoreUnavailable'));
    for (const once of [() => store.spend('code', 60_000), () => store.claim('code', 'me', 60_000)]) {
      await once().catch((error: Error) => expect(error.name).toBe('StoreUnavailable'));
    }
    expect(await store.shared.slidingWindow.take('known')).toBeLessThanOrEqual(300_000);
    await store.shared.counter
      .consume(ONE)
      .catch((error: Error) => expect(error.name).toBe('StoreUnavailable'));
    expect(store.state).toBe('connected');
  });

  it('keeps nobody from a token with a lease that does not end', async () => {
    const { redis, two, issue } = await start();
    await issue('first');
    const [key = ''] = await keysOf(redis, '*:guest-token:*');
    const lease = key.replace(':guest-token:', ':guest-lease:');
    for (const life of [[], ['PX', YEAR]]) {
      await redis.command('DEL', key);
      await redis.command('SET', lease, 'nobody', ...life);
      const issued = await two.issue(anna, {
        ...issuing(async () => tokenOf(anna, 'next')),
        suffices: () => false,
      });
      expect(issued.token).toBe('next');
    }
  });
});

describeWithRedis('forgetting', () => {
  it('of what was neither held nor being issued leaves nothing in Redis', async () => {
    const redis = await startTestRedis();
    const store = openStore(redis.url);
    await store.issue(
      anna,
      issuing(async () => tokenOf(anna, 'hers')),
    );
    const before = (await keysOf(redis, '*')).sort();
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) => store.forget(guest(`nobody ${i}`))),
    );
    expect(new Set(answers)).toEqual(new Set([false]));
    expect((await keysOf(redis, '*')).sort()).toEqual(before);
  });

  it('ten thousand others while a token is issued slowly does not bring it back', async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    let finish = (): void => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const late = one.issue(
      anna,
      issuing(async () => {
        await slow;
        return tokenOf(anna, 'late');
      }),
    );
    while ((await keysOf(redis, '*:guest-lease:*')).length === 0) await sleep(5);
    expect(await two.forget(anna)).toBe(true);
    expect(await one.forget(anna)).toBe(true);
    for (let i = 0; i < 10_000; i += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, j) => one.forget(guest(`other ${i + j}`))));
    }
    finish();
    expect((await late).token).toBe('late');
    for (const store of [one, two]) expect(await store.find(anna)).toBeUndefined();
  });

  it('reaches every webchat and every instance', async () => {
    const redis = await startTestRedis();
    const heard: string[] = [];
    const one = openStore(redis.url);
    const two = openStore(redis.url, { onErased: (externalId) => heard.push(externalId) });
    const issue = async (store: typeof one, webchatId: string, externalId = 'anna') => {
      const key = guest(externalId, webchatId);
      await store.issue(
        key,
        issuing(async () => tokenOf(key, `of ${externalId} in ${webchatId}`)),
      );
    };
    await issue(one, 'shop');
    await issue(two, 'support');
    await issue(two, 'support', 'bert');
    while ((await keysOf(redis, '*:webchats:*')).length === 0) await sleep(5);
    expect(await one.erase('anna')).toBe(true);
    for (const webchatId of ['shop', 'support']) {
      expect(await openStore(redis.url).find(guest('anna', webchatId))).toBeUndefined();
    }
    expect((await two.find(guest('bert', 'support')))?.token).toBe('of bert in support');
    expect(await one.erase('nobody')).toBe(false);
    // At the latest with its next sign of life the other drops what lies in its memory.
    expect(two.size).toBe(2);
    await issue(two, 'another webchat', 'cleo');
    while (two.size !== 2) await sleep(5);
    expect((await two.find(guest('bert', 'support')))?.token).toBe('of bert in support');
    // Its audit entries and events are for the rooms above.
    expect(heard).toEqual(['anna', 'nobody']);
  });

  it('does not say that nothing was there where the secrets are not those of the site', async () => {
    const redis = await startTestRedis();
    const [site, other] = [
      openStore(redis.url),
      openStore(redis.url, { secrets: ['another secret, long enough as well'] }),
    ];
    await site.issue(
      anna,
      issuing(async () => tokenOf(anna, 'hers')),
    );
    while ((await keysOf(redis, '*:webchats:*')).length === 0) await sleep(5);
    await expect(other.erase('anna')).rejects.toThrow('written with other secrets');
    expect((await site.find(anna))?.token).toBe('hers');
  });

  it('counts no instance that has closed', async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    await expect.poll(() => instancesOf(redis)).toBe(2);
    await two.close();
    expect(await instancesOf(redis)).toBe(1);
    expect(one.state).toBe('connected');
  });
});
