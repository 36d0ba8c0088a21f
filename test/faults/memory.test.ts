// A body of 256 MB, again and again, leaves no trace in memory and no connection open.
import { describe, expect, it } from 'vitest';
import { failureOf, startSite } from './site.ts';

const held = (): number => {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
};

describe.each(['oauthToken', 'guestTokens'] as const)('256 MB in answer to %s', (call) => {
  it('is not kept, and its connection is torn down', async () => {
    await using site = await startSite();
    const { emulator, tokens } = site;
    emulator.fault({ call, fault: 'huge', times: 'always' });
    let highest = 0;
    const before = held();
    const watch = setInterval(() => {
      highest = Math.max(highest, held() - before);
    }, 5);
    const failure = await failureOf(tokens.onboard({ externalId: 'anna' }));
    clearInterval(watch);
    expect(failure?.code).toBe('upstream_unavailable');
    expect(emulator.stats()[call]).toBeGreaterThan(1);
    expect(highest).toBeLessThan(64 * 2 ** 20);
    await tokens.close();
    await expect.poll(() => emulator.stats().connections.open).toBe(0);
  });
});
