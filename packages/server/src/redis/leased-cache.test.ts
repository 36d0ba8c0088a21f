// Whoever waits for another instance waits no longer than one deadline, whoever works in the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { guest, issuing, now, openStore, tokenOf } from '../testing/open-store.ts';
import { describeWithRedis, type RedisServer, startTestRedis } from '../testing/redis.ts';
import type { AccessToken } from '../upstream/ports.ts';

const anna = guest('anna');

const keysOf = async (redis: RedisServer, pattern: string): Promise<string[]> =>
  (await redis.command('KEYS', pattern)) as string[];

describeWithRedis('one deadline', () => {
  it('is kept by whoever waits for an issuer that fails, and then has to work', async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    await expect.poll(() => one.state).toBe('connected');
    let fail = (_error: Error): void => {};
    const failing = one.issue(
      anna,
      issuing(
        () =>
          new Promise((_, reject) => {
            fail = reject;
          }),
      ),
    );
    failing.catch(() => {});
    while ((await keysOf(redis, '*:guest-lease:*')).length === 0) await sleep(5);
    let hasWorked = false;
    const hangs = (): Promise<never> => {
      hasWorked = true;
      return new Promise(() => {});
    };
    const waiting = two.issue(anna, issuing(hangs, now() + 1_000));
    waiting.catch(() => {});
    await sleep(200);
    fail(new Error('failed'));
    await expect(waiting).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(hasWorked).toBe(true);
    await expect(failing).rejects.toThrow('failed');
  });

  it('is kept by whoever waits for an issuer that does not come to an end', async () => {
    const redis = await startTestRedis();
    const [one, two] = [openStore(redis.url), openStore(redis.url)];
    await expect.poll(() => one.state).toBe('connected');
    let finish = (): void => {};
    const hung = one.issue(
      anna,
      issuing(
        () =>
          new Promise((resolve) => {
            finish = () => resolve(tokenOf(anna, 'late'));
          }),
      ),
    );
    while ((await keysOf(redis, '*:guest-lease:*')).length === 0) await sleep(5);
    const waiting = two.issue(
      anna,
      issuing(async () => tokenOf(anna, 'second'), now() + 300),
    );
    await expect(waiting).rejects.toMatchObject({ code: 'upstream_unavailable' });
    finish();
    expect((await hung).token).toBe('late');
    expect((await two.find(anna))?.token).toBe('late');
  });
});

describeWithRedis('the access token', () => {
  it('that was refused is given to nobody any more, and the next one stays', async () => {
    const redis = await startTestRedis();
    const stores = [openStore(redis.url), openStore(redis.url)];
    let fetched = 0;
    const take = (store = stores[0]) =>
      store?.shared.accessToken.issue({
        suffices: () => true,
        issue: async () => {
          fetched += 1;
          return { value: `token ${fetched}`, issuedAt: now(), expiresAt: now() + 3_600_000 };
        },
        deadline: now() + 15_000,
      });
    await expect.poll(() => stores.map(({ state }) => state)).toEqual(['connected', 'connected']);
    const refused = (await take()) as AccessToken;
    expect((await take(stores[1]))?.value).toBe('token 1');
    stores[0]?.shared.accessToken.drop(refused);
    await expect.poll(async () => (await take(stores[1]))?.value).toBe('token 2');
    // Refused late: by more than a command travels, so that it cannot be the next one.
    stores[0]?.shared.accessToken.drop({ ...refused, issuedAt: refused.issuedAt - 60_000 });
    for (const store of [...stores, openStore(redis.url)]) expect((await take(store))?.value).toBe('token 2');
  });
});
