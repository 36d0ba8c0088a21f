// close(): what is under way is finished, the rest is refused, and the process can end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { failureOf, startSite } from './site.ts';

describe('close', () => {
  it('finishes what is under way and refuses the rest', async () => {
    await using site = await startSite({}, { latency: 100 });
    const { emulator, tokens } = site;
    const underWay = Array.from({ length: 10 }, (_, i) => tokens.onboard({ externalId: `guest ${i}` }));
    await expect.poll(() => emulator.stats().connections.opened).toBeGreaterThan(0);
    const closed = tokens.close();
    expect(tokens.close()).toBeInstanceOf(Promise);
    const late = await failureOf(tokens.onboard({ externalId: 'late' }));
    expect(late).toMatchObject({ code: 'upstream_unavailable', status: 503 });
    expect((await Promise.all(underWay)).every(({ guestToken }) => guestToken !== undefined)).toBe(true);
    await closed;
    await expect.poll(() => emulator.stats().connections.open).toBe(0);
  });
});

/** In a process of its own, which must end by itself. */
const child = async (endpoints: object, scene: string): Promise<{ code: number | null; said: string }> => {
  const script = `
    import { createGuestTokens } from '@genesys-guest/server';
    const tokens = createGuestTokens({
      region: 'eu-west-1', clientId: 'emulator-client', clientSecret: 'emulator-secret', webchatId: 'chat',
      endpoints: ${JSON.stringify(endpoints)},
    });
    const ask = (externalId) => tokens.onboard({ externalId }).catch(() => {});
    ${scene}
    await tokens.close();
    // Sockets and servers that are closing are gone a moment later.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    console.log(JSON.stringify(process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|Immediate|FSReq/.test(name))));
  `;
  const node = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  let said = '';
  node.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(node, 'exit');
  return { code, said: said.trim() };
};

describe('a process that closes its tokens', () => {
  it.each([
    ['never used', ''],
    ['idle', "await ask('anna');"],
    ['with calls under way', "ask('anna'); ask('bert');"],
  ])('ends by itself: %s', async (_name, scene) => {
    await using site = await startSite();
    expect(await child(site.emulator.endpoints, scene)).toEqual({ code: 0, said: '[]' });
  });

  it.each([
    ['in a pause', { fault: 'status', status: 429, retryAfter: 14 }],
    ['in back-off', { fault: 'reset' }],
    ['on a platform that hangs', { fault: 'hang' }],
  ] as const)('ends by itself, within the limit: %s', async (_name, fault) => {
    await using site = await startSite();
    site.emulator.fault({ call: 'guestTokens', times: 'always', ...fault });
    const scene = "ask('anna'); ask('bert'); await new Promise((resolve) => setTimeout(resolve, 200));";
    const startedAt = performance.now();
    expect(await child(site.emulator.endpoints, scene)).toEqual({ code: 0, said: '[]' });
    // 10 s are given to what is under way; a wait that would end later is cut short.
    expect(performance.now() - startedAt).toBeLessThan(13_500);
  });
});
