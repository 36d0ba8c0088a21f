// Broken set-ups of the options, the network and Genesys Cloud, each with the cause that must be named; and a good one.
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Status } from './finding.ts';
import { findingsOf, GOOD_ENV, platform, WEBCHAT } from './testing.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface SetUp {
  readonly broken: string;
  readonly platform?: Parameters<typeof platform>[0];
  readonly fault?: Parameters<Awaited<ReturnType<typeof platform>>['fault']>[0];
  readonly env?: Environment;
  readonly args?: readonly string[];
  readonly check: string;
  readonly status?: Status;
  readonly cause: RegExp;
  readonly mend: RegExp;
}

const hour = 3_600_000;

const SET_UPS: readonly SetUp[] = [
  {
    broken: 'a misspelt region',
    env: { GENESYSCLOUD_REGION: 'eu-wset-1' },
    check: 'options',
    cause: /^GENESYSCLOUD_REGION is not a region of Genesys Cloud$/,
    mend: /nearest are 'eu-west-1'/,
  },
  {
    broken: 'a missing secret',
    env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: undefined },
    check: 'options',
    cause: /^clientSecret is missing$/,
    mend: /GENESYSCLOUD_OAUTHCLIENT_SECRET/,
  },
  {
    broken: 'a cookie key that is too short',
    env: { GENESYS_GUEST_SECRETS: 'short' },
    check: 'options',
    cause: /^GENESYS_GUEST_SECRETS\[0\] must be a string of 32 characters/,
    mend: /openssl rand -base64 32/,
  },
  {
    broken: 'a wrong secret',
    env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: 'another-canary' },
    check: 'oauth',
    cause: /does not take this client id with this secret in eu-west-1.*invalid_client/,
    mend: /GENESYSCLOUD_OAUTHCLIENT_SECRET.*one region alone/,
  },
  {
    broken: 'a secret with quotation marks',
    env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: '"canary-client-secret"' },
    check: 'oauth',
    cause: /does not take this client id/,
    mend: /Quotation marks stand around/,
  },
  {
    broken: 'a wrong client id',
    env: { GENESYSCLOUD_OAUTHCLIENT_ID: 'nobody' },
    check: 'oauth',
    cause: /does not take this client id/,
    mend: /GENESYSCLOUD_OAUTHCLIENT_ID/,
  },
  {
    broken: 'OAuth that is down',
    fault: { call: 'oauthToken', fault: 'status', status: 503, times: 'always' },
    check: 'oauth',
    cause: /no access token: HTTP 503/,
    mend: /status page/,
  },
  {
    broken: 'a client without the scope',
    platform: { scopes: [] },
    args: ['--issue'],
    check: 'guest-token',
    cause: /No guest token is issued: HTTP 403: missing\.permissions/,
    mend: /scope webchat:guest-token:create/,
  },
  {
    broken: 'an organisation without guest tokens',
    fault: { call: 'guestTokens', fault: 'status', status: 404 },
    args: ['--issue'],
    check: 'guest-token',
    cause: /No guest token is issued: HTTP 404/,
    mend: /does not offer guest tokens/,
  },
  {
    broken: 'a webchat that the client may not use',
    platform: { webchatIds: ['another'] },
    args: ['--issue'],
    check: 'guest-token',
    cause: /HTTP 403: not\.authorized/,
    mend: /may use this webchatId/,
  },
  {
    broken: 'a clock that is two hours slow',
    platform: { now: () => Date.now() + 2 * hour },
    check: 'clock',
    cause: /clock is 2 hours behind the platform's/,
    mend: /timedatectl/,
  },
  {
    broken: 'a clock that is a minute fast',
    platform: { now: () => Date.now() - 60_000 },
    check: 'clock',
    status: 'warn',
    cause: /clock is (59|60|61) s ahead of the platform's/,
    mend: /time synchronisation/,
  },
  {
    broken: 'an unknown deployment',
    platform: { webchatIds: ['another'] },
    check: 'deployment',
    cause: new RegExp(`There is no deployment ${WEBCHAT} in eu-west-1`),
    mend: /GENESYS_GUEST_WEBCHAT_ID/,
  },
  {
    broken: 'an inactive deployment',
    platform: { deploymentStatus: 'Inactive' },
    check: 'deployment',
    cause: /The deployment is Inactive/,
    mend: /status to Active/,
  },
  {
    broken: 'a launcher that is off',
    platform: { launcher: 'Off' },
    check: 'deployment',
    status: 'warn',
    cause: /never visible \(Off\)/,
    mend: /data-launcher="facade"/,
  },
  {
    broken: 'a headless deployment',
    platform: { headless: true },
    check: 'deployment',
    status: 'warn',
    cause: /headless/,
    mend: /headless mode off/,
  },
  {
    broken: 'a domain that is not allowed',
    platform: { allowedDomains: ['example.org'] },
    check: 'domains',
    cause: /Pages of 127\.0\.0\.1 may not show this Messenger; allowed are example\.org/,
    mend: /Add 127\.0\.0\.1 to the allowed domains/,
  },
  {
    broken: 'a script that is a page of HTML',
    fault: { call: 'bootstrap', fault: 'html' },
    check: 'bootstrap',
    cause: /cannot be loaded from .*with a page of HTML/,
    mend: /region's own CDN/,
  },
  {
    broken: 'a platform that hangs',
    fault: { call: 'config', fault: 'hang' },
    args: ['--timeout', '0.5'],
    check: 'deployment',
    cause: /does not answer in time/,
    mend: /firewall/,
  },
];

describe('a broken set-up', () => {
  it.each(SET_UPS)('is told for what it is: $broken', async (setUp) => {
    const emulator = await platform(setUp.platform);
    if (setUp.fault) emulator.fault(setUp.fault);
    // The site need not exist for its domain to be compared.
    const args = [
      '--emulator',
      emulator.url,
      '--site',
      `${emulator.url}/_emulator/stats`,
      ...(setUp.args ?? []),
    ];
    const { status, findings } = await findingsOf(args, { ...GOOD_ENV, ...setUp.env });
    const wanted = setUp.status ?? 'fail';
    const named = findings.find((line) => line.check === setUp.check && setUp.cause.test(line.message));
    expect(named ?? findings).toMatchObject({ status: wanted, mend: expect.stringMatching(setUp.mend) });
    expect(status).toBe(findings.some((line) => line.status === 'fail') ? 1 : 0);
    // One cause, and none beside it that is not a part of the same.
    const others = findings.filter(
      (line) => line.status === wanted && line !== named && line.check !== setUp.check,
    );
    expect(others.map(({ check }) => check)).toEqual(ALSO[setUp.broken] ?? []);
  });
});

/** Where one fault shows in two places. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'a webchat that the client may not use': ['deployment'],
};

describe('the network', () => {
  it('names a port at which nothing listens', async () => {
    const closed = createServer();
    const port = await new Promise<number>((resolve) => {
      closed.listen(0, '127.0.0.1', () => {
        const { port: free } = closed.address() as { port: number };
        closed.close(() => resolve(free));
      });
    });
    const { status, findings } = await findingsOf(['--emulator', `http://127.0.0.1:${port}`]);
    expect(status).toBe(1);
    expect(findings.find(({ check }) => check === 'hosts')).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/refuses connections/),
    });
    expect(findings.find(({ check }) => check === 'oauth')).toMatchObject({
      status: 'skip',
      message: 'The OAuth client: not checked, as its host cannot be reached',
    });
  });

  it.each([
    ['ENOTFOUND', /has no address in DNS/],
    ['EAI_AGAIN', /DNS server does not answer/],
  ])('names DNS where a name cannot be looked up: %s', async (code, cause) => {
    const lookup = () => Promise.reject(Object.assign(new Error('no'), { code }));
    const env = { ...GOOD_ENV, HTTPS_PROXY: 'http://proxy:3128' };
    const { findings } = await findingsOf(['--redis', 'redis://127.0.0.1:1'], env, { lookup });
    const hosts = findings.filter(({ check }) => check === 'hosts');
    expect(hosts.map(({ message }) => message.split(' ')[0])).toEqual([
      'login.mypurecloud.ie',
      'api.mypurecloud.ie',
      'api-cdn.mypurecloud.ie',
      'apps.mypurecloud.ie',
    ]);
    expect(hosts[0]).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(cause),
      mend: expect.stringMatching(
        /HTTPS_PROXY is set: the server goes through that proxy, this check does not/,
      ),
    });
  });
});

describe('a good set-up', () => {
  it('is green from the options to the script', async () => {
    const emulator = await platform({ allowedDomains: ['localhost'] });
    const { status, findings } = await findingsOf(
      ['--emulator', emulator.url, '--site', emulator.url.replace('127.0.0.1', 'localhost'), '--issue'],
      GOOD_ENV,
      { lookup: async () => [{ address: '127.0.0.1', family: 4 }] },
    );
    const green = findings.filter(({ group }) => !['Redis', 'Mounted handler', 'Page'].includes(group));
    expect(green.filter((line) => line.status !== 'pass')).toEqual([]);
    expect(status).toBe(0);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('costs no guest token unless it is asked to', async () => {
    const emulator = await platform();
    const { findings } = await findingsOf(['--emulator', emulator.url]);
    expect(findings.find(({ check }) => check === 'guest-token')).toMatchObject({ status: 'skip' });
    expect(emulator.stats().guestTokens).toBe(0);
  });
});
