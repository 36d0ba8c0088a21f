// A rolling deploy of four instances under load: no answer fails, and the budget holds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@genesys-guest/emulator';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithRedis, startTestRedis } from '../../packages/server/src/testing/redis.ts';
import { SECRET } from './instances.ts';

const SCRIPT = fileURLToPath(new URL('site-instance.js', import.meta.url));
const PER_MINUTE = 120;
const MEMBERS = 40;

/** Far apart, so that nobody is refused for what a neighbour does. */
const addressOf = (i: number) => ({ 'x-address': `${11 + (i % 180)}.${i % 251}.1.1` });

const startInstance = async (options: object) => {
  const child = fork(SCRIPT, [JSON.stringify(options)], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [port] = (await once(child, 'message')) as [number];
  const stop = async (): Promise<number | null> => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    return code;
  };
  return { url: `http://127.0.0.1:${port}`, stop };
};

type Instance = Awaited<ReturnType<typeof startInstance>>;

describeWithRedis('a rolling deploy', () => {
  it('of four instances under load fails no answer and keeps the budget', {
    timeout: 180_000,
  }, async () => {
    const redis = await startTestRedis();
    const emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY, latency: 30 });
    onTestFinished(() => emulator.close());
    const { endpoints } = emulator;
    const start = () => startInstance({ url: redis.url, endpoints, perMinute: PER_MINUTE, secret: SECRET });
    /** Those that the balancer sends visitors to. */
    const live: Instance[] = await Promise.all([start(), start(), start(), start()]);

    const served = new Set<string>();
    const failures: unknown[] = [];
    let asked = 0;
    let isOver = false;
    const ask = async (headers: Record<string, string>): Promise<Response | undefined> => {
      asked += 1;
      const { url } = live[asked % live.length] as Instance;
      const answer = await fetch(`${url}/renew`, { method: 'POST', headers }).catch((error) => {
        failures.push(error);
      });
      if (answer && !answer.ok) failures.push(answer.status);
      return answer ?? undefined;
    };
    const members = async (): Promise<void> => {
      for (let i = 0; !isOver; i += 1) {
        const member = `member ${i % MEMBERS}`;
        const answer = await ask({ 'x-member': member, ...addressOf(i % MEMBERS) });
        const { guestToken } = ((await answer?.json()) ?? {}) as { guestToken?: string };
        if (guestToken) served.add(member);
        await sleep(5);
      }
    };
    /** More than the budget has room for. */
    const newcomers = async (): Promise<void> => {
      while (!isOver) {
        const address = addressOf(asked);
        const answer = await ask(address);
        const second = await ask({
          ...address,
          cookie: answer?.headers.get('set-cookie')?.split(';')[0] ?? '',
        });
        await Promise.all([answer?.text(), second?.text()]);
        await sleep(40);
      }
    };
    const load = Promise.all([members(), members(), members(), newcomers(), newcomers(), newcomers()]);
    while (served.size < MEMBERS) await sleep(20);

    for (let i = 0; i < 4; i += 1) {
      live.push(await start());
      const old = live.shift() as Instance;
      expect(await old.stop()).toBe(0);
    }
    isOver = true;
    await load;
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThan(200);
    expect(emulator.stats().busiestMinute.all).toBeLessThanOrEqual(PER_MINUTE);
    console.log(
      `rolling deploy: ${asked} requests, 0 failed; ${emulator.stats().busiestMinute.all} calls of ${PER_MINUTE}`,
    );
  });
});
