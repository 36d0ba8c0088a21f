import { describe, expect, it } from 'vitest';
import { expectNamed, lineOf, platform, type SetUp } from '../testing/doctor.ts';

interface OfPlatform extends SetUp {
  /** The page that is looked at is one of the platform's own. */
  readonly onPlatform?: boolean;
  readonly platform?: Parameters<typeof platform>[0];
  readonly fault?: Parameters<Awaited<ReturnType<typeof platform>>['fault']>[0];
}

const hour = 3_600_000;

const SET_UPS: readonly OfPlatform[] = [
  {
    broken: 'a misspelt region',
    env: { GENESYSCLOUD_REGION: 'eu-wset-1' },
    check: 'options',
    sees: 'FAIL  GENESYSCLOUD_REGION is not a region of Genesys Cloud',
    fix: /nearest are 'eu-west-1'/,
  },
  {
    broken: 'a cookie key that is too short',
    env: { GENESYS_GUEST_SECRETS: 'short' },
    check: 'options',
    sees: 'FAIL  GENESYS_GUEST_SECRETS[0] must be a string of 32 characters or more, such as `openssl rand -base64 32` prints',
    fix: /the same on every instance/,
  },
  {
    broken: 'a region with quotation marks',
    env: { GENESYSCLOUD_REGION: "'eu-west-1'" },
    check: 'options',
    sees: 'FAIL  GENESYSCLOUD_REGION has quotation marks around its value',
    fix: /Take them away/,
  },
  {
    broken: 'a shared store without secrets',
    env: { GENESYS_GUEST_SECRETS: undefined },
    args: ['--redis', 'redis://127.0.0.1:1'],
    check: 'options',
    sees: 'FAIL  secrets are missing, and a shared store needs them',
    fix: /the same on every instance/,
  },
  {
    broken: 'a Redis that is not there',
    args: ['--redis', 'redis://127.0.0.1:1'],
    check: 'redis',
    sees: 'FAIL  Redis at 127.0.0.1:<port> refuses connections: nobody listens on this port',
    fix: /each instance issues its own tokens/,
  },
  {
    broken: 'the secret copied into the id',
    env: { GENESYSCLOUD_OAUTHCLIENT_ID: 'one', GENESYSCLOUD_OAUTHCLIENT_SECRET: 'one' },
    check: 'oauth',
    sees: 'FAIL  OAuth does not take this client id with this secret in eu-west-1 (mypurecloud.ie): HTTP 401: invalid_client: client not found or client secret wrong',
    fix: /^The id and the secret are the same/,
  },
  {
    broken: 'a wrong secret',
    env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: 'another-canary' },
    check: 'oauth',
    sees: 'FAIL  OAuth does not take this client id with this secret in eu-west-1 (mypurecloud.ie): HTTP 401: invalid_client: client not found or client secret wrong',
    fix: /GENESYSCLOUD_OAUTHCLIENT_SECRET.*one region alone/,
  },
  {
    broken: 'a secret with quotation marks',
    env: { GENESYSCLOUD_OAUTHCLIENT_SECRET: '"canary-client-secret"' },
    check: 'options',
    sees: 'FAIL  GENESYSCLOUD_OAUTHCLIENT_SECRET has quotation marks around its value',
    fix: /docker --env-file/,
  },
  {
    broken: 'a wrong client id',
    env: { GENESYSCLOUD_OAUTHCLIENT_ID: 'nobody' },
    check: 'oauth',
    sees: 'FAIL  OAuth does not take this client id with this secret in eu-west-1 (mypurecloud.ie): HTTP 401: invalid_client: client not found or client secret wrong',
    fix: /GENESYSCLOUD_OAUTHCLIENT_ID/,
  },
  {
    broken: 'OAuth that is down',
    fault: { call: 'oauthToken', fault: 'status', status: 503, times: 'always' },
    check: 'oauth',
    sees: 'FAIL  OAuth gives no access token: HTTP 503: service.unavailable: HTTP 503',
    fix: /status page/,
  },
  {
    broken: 'a client without the scope',
    platform: { scopes: [] },
    args: ['--issue'],
    check: 'guest-token',
    sees: 'FAIL  No guest token is issued: HTTP 403: missing.permissions: Unable to perform the requested action. You are missing the following permission(s): webchat:guest-token:create',
    fix: /scope webchat:guest-token:create/,
  },
  {
    broken: 'an organisation without guest tokens',
    fault: { call: 'guestTokens', fault: 'status', status: 404 },
    args: ['--issue'],
    check: 'guest-token',
    sees: 'FAIL  No guest token is issued: HTTP 404: not.found: HTTP 404',
    fix: /does not offer guest tokens/,
  },
  {
    broken: 'a webchat that the client may not use',
    platform: { webchatIds: ['another'] },
    args: ['--issue'],
    check: 'guest-token',
    sees: 'FAIL  No guest token is issued: HTTP 403: not.authorized: You are not authorized to use this webchat.',
    fix: /may use this webchatId/,
  },
  {
    broken: 'a clock that is two hours slow',
    platform: { now: () => Date.now() + 2 * hour },
    check: 'clock',
    sees: "FAIL  This machine's clock is 2 hours behind the platform's: instances refuse each other's visitor cookies, and TLS may fail",
    fix: /timedatectl/,
  },
  {
    broken: 'a clock that is four minutes fast',
    platform: { now: () => Date.now() - 240_000 },
    check: 'clock',
    sees: "warn  This machine's clock is 4 minutes ahead of the platform's",
    fix: /time synchronisation/,
  },
  {
    broken: 'an unknown deployment',
    platform: { webchatIds: ['another'] },
    check: 'deployment',
    sees: 'FAIL  There is no deployment c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11 in eu-west-1 (HTTP 404)',
    fix: /GENESYS_GUEST_WEBCHAT_ID/,
  },
  {
    broken: 'an inactive deployment',
    platform: { deploymentStatus: 'Inactive' },
    check: 'deployment',
    sees: 'FAIL  The deployment is Inactive: pages show no Messenger',
    fix: /status to Active/,
  },
  {
    broken: 'a launcher that is off',
    platform: { launcher: 'Off' },
    check: 'deployment',
    sees: 'warn  The launcher is never visible (Off): with data-launcher="genesys" visitors see no button',
    fix: /data-launcher="facade"/,
  },
  {
    broken: 'a headless deployment',
    platform: { headless: true },
    check: 'deployment',
    sees: 'warn  The deployment is headless: no launcher, no window, and opening Messenger fails (messenger_headless)',
    fix: /headless mode off/,
  },
  {
    broken: 'a domain that is not allowed',
    platform: { allowedDomains: ['example.org'] },
    onPlatform: true,
    check: 'deployment',
    sees: 'FAIL  Pages of 127.0.0.1 may not show this Messenger; allowed are example.org',
    fix: /Add 127\.0\.0\.1 to the allowed domains/,
  },
  {
    broken: 'a script that is a page of HTML',
    fault: { call: 'bootstrap', fault: 'html' },
    check: 'bootstrap',
    sees: "FAIL  Messenger's script cannot be loaded from http://127.0.0.1:<port>/genesys-bootstrap/genesys.min.js: HTTP 200 with a page of HTML",
    fix: /region's own CDN/,
  },
  {
    broken: 'a platform that hangs',
    fault: { call: 'config', fault: 'hang' },
    args: ['--timeout', '0.5'],
    check: 'deployment',
    sees: 'FAIL  The deployment: 127.0.0.1:<port> does not answer in time',
    fix: /firewall/,
  },
];

describe('a broken set-up', () => {
  it.each(SET_UPS)('is told for what it is: $broken', async (setUp) => {
    const emulator = await platform(setUp.platform);
    if (setUp.fault) emulator.fault(setUp.fault);
    const page = setUp.onPlatform ? ['--site', emulator.url] : [];
    const args = ['--emulator', emulator.url, ...page, ...(setUp.args ?? [])];
    const findings = await expectNamed(setUp, args);
    // One cause, and none beside it that is not a part of the same.
    const { status } = findings.find((line) => lineOf(line) === setUp.sees) ?? {};
    const others = findings.filter((line) => line.status === status && line.check !== setUp.check);
    expect(others.map(({ check }) => check)).toEqual(ALSO[setUp.broken] ?? []);
  });
});

/** Where one cause shows in two places. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'a shared store without secrets': ['redis'],
  'a webchat that the client may not use': ['deployment'],
};
