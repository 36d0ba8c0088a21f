// What cannot get better by trying again is remembered, so that a wrong set-up does not become a storm.
import { describe, expect, it } from 'vitest';
import { failureOf, startSite } from './site.ts';

const crowd = (size: number) => Array.from({ length: size }, (_, i) => ({ externalId: `guest ${i}` }));

describe.each(['oauthToken', 'guestTokens'] as const)('%s', (call) => {
  it.each([401, 403, 404])('%i for good: a crowd causes no calls after the first', async (status) => {
    await using site = await startSite();
    const { emulator, tokens } = site;
    emulator.fault({ call, fault: 'status', status, times: 'always' });
    await failureOf(tokens.onboard({ externalId: 'first' }));
    const before = emulator.stats()[call];
    expect(before).toBeLessThanOrEqual(2);
    const codes = await Promise.all(
      crowd(50).map(async (guest) => (await failureOf(tokens.onboard(guest)))?.code),
    );
    expect(new Set(codes)).toEqual(new Set(['upstream_rejected']));
    expect(emulator.stats()[call]).toBe(before);
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
