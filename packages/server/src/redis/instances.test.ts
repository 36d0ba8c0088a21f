// What instances say of each other: how many there are, and in what they differ that should be alike.
import { expect, it } from 'vitest';
import type { Log } from '../observe/log.ts';
import { guest, issuing, openStore, tokenOf } from '../testing/open-store.ts';
import { describeWithRedis, startTestRedis } from '../testing/redis.ts';
import { testOptions } from '../testing/rig.ts';

describeWithRedis('instances', () => {
  const SECRET = 'a secret of the site, long enough';
  const open = async (url: string, perMinute = 300, secrets = [SECRET], onErased = (_: string) => {}) => {
    const lines: string[] = [];
    const log: Log = (level, message) => void lines.push(`${level} ${message}`);
    const upstream = testOptions({ perMinute });
    const store = openStore(url, { log, upstream, secrets, onErased });
    await expect.poll(() => lines).toContain('info Redis is connected');
    return { store, lines };
  };
  const failing = ({ store }: Awaited<ReturnType<typeof open>>) => store.failing.map(({ reason }) => reason);

  it('count each other, and have nothing to say where they are alike or secrets are a step apart', async () => {
    const { url } = await startTestRedis();
    await open(url);
    const last = await open(url, 300, [SECRET, 'the secret that comes after it...']);
    await expect.poll(() => last.store.instances).toBe(2);
    expect(failing(last)).toEqual([]);
    expect(last.lines).toEqual(['info Redis is connected']);
  });

  it('hear of everyone who is erased, however many in one minute', async () => {
    const { url } = await startTestRedis();
    const heard = new Set<string>();
    const { store } = await open(url);
    const other = await open(url, 300, [SECRET], (externalId) => void heard.add(externalId));
    await Promise.all(Array.from({ length: 1_500 }, (_, i) => store.erase(`guest ${i}`)));
    let webchats = 0;
    const look = async () => {
      // The first token for a webchat makes an instance look.
      webchats += 1;
      const key = guest('anna', `webchat ${webchats}`);
      await other.store.issue(
        key,
        issuing(async () => tokenOf(key, 'a token')),
      );
      return heard.size;
    };
    await expect.poll(look).toBe(1_500);
  });

  it.each<[string, number, string[], RegExp]>([
    ['perMinute', 100, [SECRET], /differ in upstream\.perMinute: 100, 300/],
    ['secrets', 300, ['some other secret of the site....'], /no secret in common/],
  ])('warn once where they differ in %s', async (_what, perMinute, secrets, reason) => {
    const { url } = await startTestRedis();
    await open(url);
    const last = await open(url, perMinute, secrets);
    await expect.poll(() => failing(last)).toEqual([expect.stringMatching(reason)]);
    expect(last.lines.filter((line) => reason.test(line))).toHaveLength(1);
    expect(last.lines.join()).not.toContain('secret of the site');
  });

  it.each([
    ['a newer version', 'id 99.0.0 300 abc', /several versions.*: \d\S*, 99\.0\.0\./],
    ['one whose entry cannot be read', 'id 2 99.0.0 {"perMinute":300}', /several versions.*unknown/],
  ])('warn of %s', async (_what, member, reason) => {
    const redis = await startTestRedis();
    await redis.command('ZADD', 'genesys-guest:instances:{instances}', String(Date.now()), member);
    const { store, lines } = await open(redis.url);
    await expect.poll(() => store.failing.map((failing) => failing.reason).join()).toMatch(reason);
    expect(lines.filter((line) => reason.test(line))).toHaveLength(1);
  });
});
