// An attack of two minutes from ten addresses at full speed: what it costs everybody else.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startEmulator } from '@genesys-guest/emulator';
import { type AuditEntry, genesysGuest } from '@genesys-guest/server';
import { expect, it } from 'vitest';
import { emulated } from '../emulated.ts';

const ATTACK = 120_000;
const SITE = 'https://www.example.com/chat';
const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';

interface Config {
  readonly guestToken?: string;
  readonly renewIn?: number;
}

/** What the firewall before the platform refuses. */
const REFUSED = '<script>';

const startSite = async () => {
  const emulator = await startEmulator();
  emulator.fault({
    call: 'guestTokens',
    fault: 'status',
    status: 403,
    containing: REFUSED,
    times: 'always',
  });
  const audit: AuditEntry[] = [];
  const events: unknown[] = [];
  const guest = genesysGuest<Request>({
    ...emulated(emulator),
    webchatId: WEBCHAT,
    secrets: ['a secret of thirty-two characters or more'],
    identify: (request) => {
      const externalId = request.headers.get('x-member');
      const nickname = request.headers.get('x-nickname');
      if (!externalId) return undefined;
      return nickname ? { externalId, attributes: { nickname } } : { externalId };
    },
    audit: { sink: (entry) => void audit.push(entry) },
    events: { send: async (batch) => void events.push(...batch) },
  });
  const ask = async (path: string, ip: string, headers: Record<string, string> = {}) => {
    const answer = await guest.fetch(new Request(SITE + path, { method: 'POST', headers }), { ip });
    const cookie = answer.headers.get('set-cookie')?.split(';')[0];
    const config = answer.status === 200 ? ((await answer.json()) as Config) : {};
    return { status: answer.status, cookie, ...config };
  };
  return { emulator, guest, audit, events, ask };
};

type Site = Awaited<ReturnType<typeof startSite>>;

/** What is held, in bytes: garbage that nobody has collected yet is not counted. */
const heapHeld = (): number => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
};

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A robot that takes new cookies, asks for tokens, forgets them, sends old cookies again and makes headers up. */
const attack = async ({ ask }: Site, ip: string, until: number): Promise<number> => {
  let requests = 0;
  for (let i = 0; Date.now() < until; i += 1) {
    const forged = { 'x-forwarded-for': `203.0.${i % 250}.${i % 199}` };
    const { cookie = '' } = await ask('/renew', ip, forged);
    await ask('/renew', ip, { cookie, ...forged });
    await ask('/forget', ip, { cookie });
    await ask('/forget', ip, { cookie });
    await ask('/renew', ip, { cookie });
    // A member of the site who loops.
    const member = { 'x-member': `looping ${ip}` };
    await ask('/renew', ip, member);
    await ask('/forget', ip, member);
    // Members whose nickname the firewall refuses, each time another.
    await ask('/renew', ip, { 'x-member': `nicknamed ${ip}`, 'x-nickname': `${REFUSED}${ip} ${i}` });
    requests += 8;
    // The robot has a machine of its own; here it shares one, which has to serve the others, too.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return requests;
};

/** A visitor who comes once: whether the token came within a minute. */
const newcomer = async ({ ask }: Site, ip: string): Promise<boolean> => {
  const until = Date.now() + 60_000;
  const { cookie = '' } = await ask('/renew', ip);
  while (Date.now() < until) {
    const { guestToken, renewIn = 30 } = await ask('/renew', ip, { cookie });
    if (guestToken) return true;
    await sleep(Math.max(1, renewIn) * 1_000);
  }
  return false;
};

it('costs members and holders nothing, and honest newcomers at most half', async () => {
  const site = await startSite();
  const members = Array.from({ length: 200 }, (_, i) => ({ id: `member ${i}`, ip: `198.18.${i % 8}.${i}` }));
  const holds = async ({ id, ip }: (typeof members)[number]): Promise<boolean> =>
    (await site.ask('/renew', ip, { 'x-member': id })).guestToken !== undefined;
  for (const member of members) expect(await holds(member)).toBe(true);
  // What that has cost leaves the window before the attack begins.
  await sleep(61_000);

  const heap = heapHeld();
  const until = Date.now() + ATTACK;
  const robots = Array.from({ length: 10 }, (_, i) => attack(site, `192.0.2.${i}`, until));
  const honest: Promise<boolean>[] = [];
  const noticed: boolean[] = [];
  for (let i = 0; Date.now() < until - 60_000 || i < 60; i += 1) {
    honest.push(newcomer(site, `198.51.100.${i}`));
    for (let k = 0; k < 5; k += 1)
      noticed.push(await holds(members[(i * 5 + k) % 200] as (typeof members)[number]));
    noticed.push(
      (await site.ask('/renew', `198.19.0.${i}`, { 'x-member': `signs in ${i}` })).guestToken !== undefined,
    );
    await sleep(1_000);
  }
  const served = (await Promise.all(honest)).filter(Boolean).length;
  const requests = (await Promise.all(robots)).reduce((sum, count) => sum + count, 0);
  await site.guest.close();
  const { events, refused } = site.guest.tokens.telemetry();
  const growth = (heapHeld() - heap) / 2 ** 20;
  const stats = site.emulator.stats();
  await site.emulator.close();
  console.log(
    `${requests} requests of ten robots, ${refused.too_many_guests ?? 0} refused; ${served} of ${honest.length} newcomers served; ` +
      `${noticed.filter((good) => good).length} of ${noticed.length} members and holders; heap ${growth.toFixed(0)} MiB more; ` +
      `busiest minute ${stats.busiestMinute.guestTokens}; ${stats.byStatus['403'] ?? 0} refused by the firewall`,
  );
  expect(noticed.filter((good) => !good)).toEqual([]);
  expect(stats.byStatus['403']).toBeGreaterThan(1);
  expect(served).toBeGreaterThanOrEqual(honest.length / 2);
  expect(stats.busiestMinute.guestTokens).toBeLessThanOrEqual(300);
  expect(events.dropped).toEqual({ overflow: 0, refused: 0, closed: 0, unreadable: 0 });
  expect(site.events).toHaveLength(site.audit.length);
  expect(growth).toBeLessThan(40);
});
