// A crowd at a platform that is down, that paces, and that comes back.
import { describe, expect, it } from 'vitest';
import { failureOf, startSite } from './site.ts';

const crowd = (size: number, name = 'guest') =>
  Array.from({ length: size }, (_, i) => ({ externalId: `${name} ${i}` }));

/** An answer and a call that passed each other on the way, on a busy machine: such a call had left already. */
const PASSING = 150;

describe('a platform that is down', () => {
  it('gets a probe now and then, not the crowd, and serves again when it is back', async () => {
    await using site = await startSite({ upstream: { timeout: 500, deadline: 2_500, concurrency: 8 } });
    const { emulator, tokens } = site;
    await tokens.onboard({ externalId: 'before' });
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 503, times: 'always' });
    await Promise.all(crowd(100).map((guest) => failureOf(tokens.onboard(guest))));
    // Ten in a row open the breaker; those under way together with the tenth had left.
    const untilOpen = emulator.stats().guestTokens;
    expect(untilOpen).toBeLessThanOrEqual(1 + 10 + 8);
    expect(tokens.telemetry().breaker).toBe('open');

    const codes = new Set<string | undefined>();
    const waits = new Set<number | undefined>();
    for (const guest of crowd(500, 'later')) {
      const failure = await failureOf(tokens.onboard(guest));
      codes.add(failure?.code);
      waits.add(failure?.retryAfter);
    }
    expect(codes).toEqual(new Set(['upstream_unavailable']));
    expect(waits.size).toBeGreaterThan(3);
    expect(emulator.stats().guestTokens - untilOpen).toBeLessThanOrEqual(2);

    emulator.clearFaults();
    const served = async () => (await failureOf(tokens.onboard({ externalId: 'after' }))) === undefined;
    await expect.poll(served, { timeout: 20_000, interval: 100 }).toBe(true);
    expect(tokens.telemetry().breaker).toBe('closed');
    const failures = await Promise.all(crowd(50, 'back').map((guest) => failureOf(tokens.onboard(guest))));
    expect(failures.every((failure) => failure === undefined)).toBe(true);
  });
});

describe.each(['oauthToken', 'guestTokens'] as const)('a platform that paces (%s)', (call) => {
  it('is left alone until its Retry-After is over, also by those who had their turn', async () => {
    await using site = await startSite({ upstream: { timeout: 2_000, deadline: 8_000, concurrency: 4 } });
    const { emulator, tokens } = site;
    if (call === 'guestTokens') await tokens.onboard({ externalId: 'before' });
    emulator.fault({ call, fault: 'status', status: 429, retryAfter: 2 });
    const failures = await Promise.all(crowd(60).map((guest) => failureOf(tokens.onboard(guest))));
    expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
    expect(emulator.stats().early.filter(({ afterAnswer }) => afterAnswer > PASSING)).toEqual([]);
    expect(emulator.stats().pauses).toHaveLength(1);
  });

  it('for longer than anyone waits: all are told so at once, and nothing leaves', async () => {
    await using site = await startSite();
    const { emulator, tokens } = site;
    if (call === 'guestTokens') await tokens.onboard({ externalId: 'before' });
    emulator.fault({ call, fault: 'status', status: 429, retryAfter: 86_400 });
    await failureOf(tokens.onboard({ externalId: 'first' }));
    const before = emulator.stats()[call];
    const failures = await Promise.all(crowd(200).map((guest) => failureOf(tokens.onboard(guest))));
    expect(new Set(failures.map((failure) => failure?.code))).toEqual(new Set(['upstream_limited']));
    // A pause is believed for 300 s; the jitter goes on top.
    for (const failure of failures) {
      expect(failure?.retryAfter).toBeGreaterThanOrEqual(290);
      expect(failure?.retryAfter).toBeLessThanOrEqual(315);
    }
    expect(emulator.stats()[call]).toBe(before);
    expect(emulator.stats().early).toEqual([]);
  });
});

describe('the limit of calls', () => {
  it('with the defaults: what would wait too long is told so at once, and the rest is served', async () => {
    await using site = await startSite({ upstream: {} });
    const failures = await Promise.all(crowd(450).map((guest) => failureOf(site.tokens.onboard(guest))));
    const refused = failures.filter((failure) => failure !== undefined);
    // 300 in 60 s, one of them for OAuth.
    expect(refused).toHaveLength(151);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['upstream_limited']));
    expect(refused.every(({ retryAfter = 0 }) => retryAfter >= 1 && retryAfter <= 72)).toBe(true);
    expect(site.emulator.stats().byStatus).toEqual({ 200: 300 });
  });

  it('is one for all who use the same client in this process', async () => {
    await using site = await startSite({ upstream: { perMinute: 20 } });
    await using other = await startSite({ upstream: { perMinute: 20 }, endpoints: site.emulator.endpoints });
    await Promise.all(
      [site, other].map(({ tokens }, i) =>
        Promise.all(crowd(15, `of ${i}`).map((guest) => failureOf(tokens.onboard(guest)))),
      ),
    );
    expect(site.emulator.stats().busiestMinute.all).toBe(20);
  });
});
