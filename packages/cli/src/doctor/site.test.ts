// Sites at which nothing is wrong.

import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { findingsOf, platform, SECRET } from '../testing/doctor.ts';
import { listen, site } from '../testing/site.ts';

describe('a good site', () => {
  it('is green throughout, and leaves no guest behind', async () => {
    const emulator = await platform();
    const origin = await site(emulator);
    const args = ['--emulator', emulator.url, '--url', `${origin}/chat`, '--site', origin, '--issue'];
    const { status, findings } = await findingsOf(args);
    // What nobody can see from outside, and what was not asked for.
    const skipped = findings.filter((line) => line.status !== 'pass').map(({ check }) => check);
    expect(skipped).toEqual(['redis', 'proxy']);
    expect(new Set(findings.map(({ check }) => check)).size).toBe(16);
    expect(status).toBe(0);
    expect(emulator.stats().guestTokens).toBe(2);
  });

  it('is green also where the platform is slower than the handler is patient', async () => {
    const emulator = await platform();
    const origin = await site(emulator, { patience: 0 });
    const { findings } = await findingsOf(['--emulator', emulator.url, '--url', `${origin}/chat`, '--issue']);
    expect(findings.find(({ check }) => check === 'mount-token')).toMatchObject({ status: 'pass' });
  });

  it('costs the platform nothing unless it is asked to', async () => {
    const emulator = await platform();
    const origin = await site(emulator);
    await findingsOf(['--emulator', emulator.url, '--url', `${origin}/chat`]);
    expect(emulator.stats().guestTokens).toBe(0);
  });

  it('may be of another origin that is listed', async () => {
    const emulator = await platform();
    let html = '';
    const page = await listen(createServer((_, res) => res.end(html)));
    const origin = await site(emulator, { secrets: [SECRET], allowedOrigins: [page] });
    html = `<script async src="${origin}/chat/boot.js"></script>`;
    const { status, findings } = await findingsOf([
      '--emulator',
      emulator.url,
      '--url',
      `${origin}/chat`,
      '--site',
      page,
    ]);
    expect(findings.find(({ check }) => check === 'origins')).toMatchObject({
      status: 'pass',
      message: `Pages of ${page} may call, with their cookie`,
    });
    expect(status).toBe(0);
  });

  it('may use Messenger alone', async () => {
    const emulator = await platform();
    const origin = await site(emulator, { source: 'none' });
    const args = ['--emulator', emulator.url, '--url', `${origin}/chat`, '--source', 'none'];
    const { status, findings } = await findingsOf(args);
    expect(findings.find(({ check }) => check === 'cookies')).toMatchObject({
      status: 'pass',
      message: expect.stringMatching(/Messenger alone/),
    });
    expect(status).toBe(0);
  });
});
