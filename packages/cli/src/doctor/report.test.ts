// What --report writes: names and shapes of what the platform answered, and no value of anything.
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { CANARY, command, GOOD_ENV, platform, SECRET, WEBCHAT } from '../testing/doctor.ts';
import { listen, site } from '../testing/site.ts';

interface Report {
  readonly region?: string;
  readonly calls: readonly { call: string; status: number; headers: string[]; body: unknown }[];
  readonly checks: readonly { check: string; status: string }[];
}

const reportOf = async (args: readonly string[]) => {
  const { out } = await command(['--report', ...args]);
  return { out, report: JSON.parse(out) as Report };
};

describe('--report', () => {
  it('has status, names of headers and the shape of each answer', async () => {
    const emulator = await platform();
    const { report } = await reportOf(['--emulator', emulator.url, '--issue']);
    expect(report.region).toBe('eu-west-1');
    // The first is for its Date alone.
    expect(report.calls.slice(1).map(({ call, status }) => `${call} ${status}`)).toEqual([
      'POST oauthToken 200',
      'POST guestTokens 200',
      'GET deployments/config.json 200',
      'GET deployments/domains.json 200',
      'GET bootstrap 200',
    ]);
    const [, oauth, guest, config, , script] = report.calls;
    expect(oauth).toMatchObject({
      headers: expect.arrayContaining(['content-type', 'date']),
      body: { access_token: 'string', expires_in: 'number', token_type: 'string' },
    });
    expect(guest?.body).toEqual({
      expirationTime: 'string',
      externalId: 'string',
      token: 'string',
      webchatId: 'string',
    });
    expect(config?.body).toMatchObject({ status: 'string', messenger: { enabled: 'boolean' } });
    expect(script?.body).toBe('text');
    expect(report.checks).toContainEqual({ check: 'oauth', status: 'pass' });
  });

  it('has no value, whatever the platform puts where', async () => {
    const canary = 'canary-7f3a';
    const answer = {
      access_token: `${canary}-token`,
      expires_in: 86_400,
      [`${canary}@example.com`]: { name: canary },
      [WEBCHAT]: [canary, { phone: `+49 ${canary}` }, { phone: 12_345 }],
      deep: { deeper: { label: canary } },
    };
    const hostile = await listen(
      createServer((_, res) => {
        res.setHeader('inin-correlation-id', canary);
        res.setHeader('set-cookie', `sid=${canary}`);
        res.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      }),
    );
    const { out, report } = await reportOf(['--emulator', hostile, '--issue']);
    expect(report.calls[1]).toMatchObject({
      headers: expect.arrayContaining(['inin-correlation-id', 'set-cookie']),
      body: {
        access_token: 'string',
        '(a key)': ['string', { phone: 'string' }, { phone: 'number' }],
        deep: { deeper: { label: 'string' } },
      },
    });
    for (const secret of [canary, CANARY, SECRET, WEBCHAT, hostile, 'emulator-client', 'example.com']) {
      expect(out).not.toContain(secret);
    }
    expect(out).not.toMatch(/canary|12345/);
  });

  it('says nothing of the site', async () => {
    const emulator = await platform();
    const origin = await site(emulator);
    const args = ['--emulator', emulator.url, '--site', origin, '--url', `${origin}/chat`];
    const { out, report } = await reportOf(args);
    expect(report.calls.every(({ call }) => /oauth|guest|deployments|bootstrap/.test(call))).toBe(true);
    expect(out).not.toContain(new URL(origin).port);
    expect(out).not.toContain(GOOD_ENV['GENESYSCLOUD_OAUTHCLIENT_ID']);
  });
});
