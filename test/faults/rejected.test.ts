// What cannot get better by trying again is remembered, so that a wrong set-up does not become a storm.
import { describe, expect, it } from 'vitest';
import { failureOf, type Site, startSite } from './site.ts';

const crowd = (size: number) => Array.from({ length: size }, (_, i) => ({ externalId: `guest ${i}` }));

const codesOf = ({ tokens }: Site, guests: readonly { externalId: string }[]) =>
  Promise.all(guests.map(async (guest) => (await failureOf(tokens.onboard(guest)))?.code));

describe('a set-up that is refused for good', () => {
  it.each([401, 403, 404])('OAuth %i: a crowd causes no calls after the first', async (status) => {
    await using site = await startSite();
    site.emulator.fault({ call: 'oauthToken', fault: 'status', status, times: 'always' });
    await failureOf(site.tokens.onboard({ externalId: 'first' }));
    const before = site.emulator.stats().oauthToken;
    expect(before).toBeLessThanOrEqual(2);
    expect(new Set(await codesOf(site, crowd(50)))).toEqual(new Set(['upstream_rejected']));
    expect(site.emulator.stats().oauthToken).toBe(before);
  });

  it.each([400, 401, 403, 404])('guest tokens %i: three guests refused alike are enough', async (status) => {
    await using site = await startSite();
    site.emulator.fault({ call: 'guestTokens', fault: 'status', status, times: 'always' });
    for (const guest of crowd(3)) await failureOf(site.tokens.onboard(guest));
    const before = site.emulator.stats().guestTokens;
    expect(before).toBeLessThanOrEqual(6);
    expect(new Set(await codesOf(site, crowd(50)))).toEqual(new Set(['upstream_rejected']));
    expect(site.emulator.stats().guestTokens).toBe(before);
  });

  it('stops a crowd that waits for its turn already', async () => {
    await using site = await startSite({ upstream: { concurrency: 4 } });
    const { emulator } = site;
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403, times: 'always' });
    expect(new Set(await codesOf(site, crowd(200)))).toEqual(new Set(['upstream_rejected']));
    // Three, and those who were under way with the third.
    expect(emulator.stats().guestTokens).toBeLessThanOrEqual(3 + 4);
    // What never left is not counted.
    expect(site.tokens.telemetry().callsLeft).toBe(300 - 1 - emulator.stats().guestTokens);
  });
});

describe("one member's nickname that a firewall refuses", () => {
  it.each([400, 403, 413])('%i: costs the others nothing, however often it comes', async (status) => {
    await using site = await startSite();
    const { emulator, tokens } = site;
    for (let round = 0; round < 10; round += 1) {
      emulator.fault({ call: 'guestTokens', fault: 'status', status });
      const mallory = { externalId: 'mallory', attributes: { nickname: `<script>${round}` } };
      expect((await failureOf(tokens.onboard(mallory)))?.code).toBe('upstream_rejected');
    }
    expect(await codesOf(site, crowd(20))).toEqual(Array.from({ length: 20 }));
  });

  it('and of two more who do the same between others', async () => {
    await using site = await startSite();
    for (const [i, guest] of crowd(30).entries()) {
      if (i % 2 === 0) site.emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
      expect((await failureOf(site.tokens.onboard(guest)))?.code).toBe(
        i % 2 === 0 ? 'upstream_rejected' : undefined,
      );
    }
  });
});

it('400 for one payload: it is not sent again, and others are', async () => {
  await using site = await startSite();
  const { emulator, tokens } = site;
  emulator.fault({ call: 'guestTokens', fault: 'status', status: 400 });
  const anna = { externalId: 'anna', attributes: { plan: 'gold' } };
  expect((await failureOf(tokens.onboard(anna)))?.code).toBe('upstream_rejected');
  expect((await failureOf(tokens.onboard(anna)))?.code).toBe('upstream_rejected');
  expect(emulator.stats().guestTokens).toBe(1);
  expect(await failureOf(tokens.onboard({ externalId: 'bert' }))).toBeUndefined();
  expect(await failureOf(tokens.onboard({ externalId: 'anna' }))).toBeUndefined();
});

it('asks the secret function again after an OAuth 401, once', async () => {
  const secrets = ['yesterday', 'emulator-secret', 'too often'];
  await using site = await startSite({ clientSecret: async () => secrets.shift() as string });
  expect(await failureOf(site.tokens.onboard({ externalId: 'anna' }))).toBeUndefined();
  expect(secrets).toEqual(['too often']);
});

describe('a secret function that fails', () => {
  it.each([
    ['throws', () => Promise.reject(new TypeError('hunter2')), /clientSecret\(\) threw TypeError/],
    ['gives an empty text', async () => '', /clientSecret\(\) gave an empty text/],
    ['hangs', () => new Promise<string>(() => {}), /clientSecret\(\) gave nothing within/],
  ])('%s', async (_name, clientSecret, cause) => {
    await using site = await startSite({ clientSecret });
    const failure = await failureOf(site.tokens.onboard({ externalId: 'anna' }));
    expect(failure?.code).toBe('upstream_unavailable');
    const line = site.log.find(({ level }) => level === 'warn');
    expect(line?.message).toMatch(cause);
    expect(JSON.stringify(site.log)).not.toContain('hunter2');
    expect(site.emulator.stats().oauthToken).toBe(0);
  });

  it('works again as soon as it does', async () => {
    let asked = 0;
    const clientSecret = async () => {
      asked += 1;
      if (asked === 1) throw new Error('the vault is being unsealed');
      return 'emulator-secret';
    };
    await using site = await startSite({ clientSecret });
    expect(await failureOf(site.tokens.onboard({ externalId: 'anna' }))).toBeUndefined();
  });
});
