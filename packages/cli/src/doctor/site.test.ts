// The page's Content-Security-Policy, and sites at which nothing is wrong.
import { describe, expect, it } from 'vitest';
import { cspDirectives } from '../../../server/src/csp.ts';
import type { Status } from './finding.ts';
import { findingsOf, platform, SECRET } from './testing.ts';
import { site } from './testing-site.ts';

describe("the page's Content-Security-Policy", () => {
  const wanted = cspDirectives({ region: 'eu-west-1' });
  const full = Object.entries(wanted)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');

  it.each<[string, Record<string, string>, Status, RegExp]>([
    [
      'blocks all',
      { 'content-security-policy': "default-src 'self'" },
      'fail',
      /blocks Messenger: script-src http/,
    ],
    [
      'blocks calls alone',
      { 'content-security-policy': "script-src * ; connect-src 'self'" },
      'fail',
      /blocks Messenger: connect-src http[^;]*$/,
    ],
    ['lets all pass', { 'content-security-policy': 'default-src *' }, 'pass', /lets Messenger work/],
    ['is not there', {}, 'pass', /no Content-Security-Policy/],
    [
      'asks for Trusted Types',
      { 'content-security-policy': "require-trusted-types-for 'script'" },
      'warn',
      /requires Trusted Types/,
    ],
  ])('%s', async (_, headers, status, cause) => {
    const emulator = await platform();
    const origin = await site(emulator, {}, headers);
    const { findings } = await findingsOf(['--emulator', emulator.url, '--site', origin]);
    expect(findings.filter(({ check }) => check === 'page')).toContainEqual(
      expect.objectContaining({ status, message: expect.stringMatching(cause) }),
    );
  });

  it('is good as cspDirectives gives it', async () => {
    const emulator = await platform();
    const directives = `${full}; script-src-elem ${emulator.url}; default-src 'none'`;
    const origin = await site(
      emulator,
      {},
      {
        'content-security-policy': directives.replace(
          "connect-src 'self'",
          `connect-src 'self' ${emulator.url}`,
        ),
      },
    );
    const { findings } = await findingsOf(['--emulator', emulator.url, '--site', origin]);
    expect(findings.find(({ check }) => check === 'page')?.message).not.toMatch(/script-src|connect-src/);
  });
});

describe('a good site', () => {
  it('is green throughout, and leaves no guest behind', async () => {
    const emulator = await platform();
    const origin = await site(emulator);
    const args = ['--emulator', emulator.url, '--url', `${origin}/chat`, '--site', origin, '--issue'];
    const { status, findings } = await findingsOf(args);
    expect(findings.filter((line) => line.status !== 'pass' && line.check !== 'redis')).toEqual([]);
    expect(new Set(findings.map(({ check }) => check)).size).toBe(17);
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
    const page = await site(emulator);
    const origin = await site(emulator, { secrets: [SECRET], allowedOrigins: [page] });
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
