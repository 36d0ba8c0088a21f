// The rest of what the emulator serves: deployments, the script, its own control, and its end.
import { describe, expect, it } from 'vitest';
import { readFlags } from './flags.ts';
import { basic, rig } from './testing.ts';

describe('a deployment', () => {
  it('has two files that any page may read', async () => {
    await using cloud = await rig({ allowedDomains: ['shop.example'], launcher: 'OnDemand', headless: true });
    const files = `${cloud.emulator.url}/webdeployments/v1/deployments/d1`;
    const domains = await fetch(`${files}/domains.json`);
    expect(domains.headers.get('access-control-allow-origin')).toBe('*');
    expect(await domains.json()).toEqual({ allowAllDomains: false, allowedDomains: ['shop.example'] });
    expect(await (await fetch(`${files}/config.json`)).json()).toMatchObject({
      id: 'd1',
      status: 'Active',
      headlessMode: { enabled: true },
      messenger: { enabled: true, launcherButton: { visibility: 'OnDemand' } },
    });
    expect(cloud.emulator.stats()).toMatchObject({ domains: 1, config: 1 });
  });

  it('that is not there is a 404', async () => {
    await using cloud = await rig({ webchatIds: ['d1'] });
    const response = await fetch(`${cloud.emulator.url}/webdeployments/v1/deployments/d2/config.json`);
    expect(response.status).toBe(404);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  it.each(['genesys.min.js', 'genesys.js'])('is shown by %s', async (name) => {
    await using cloud = await rig();
    const response = await fetch(`${cloud.emulator.url}/genesys-bootstrap/${name}?x=1`);
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(await response.text()).toBe('// script');
  });
});

describe('control over HTTP', () => {
  const ask = (url: string, method = 'GET', body?: unknown) =>
    fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });

  it('sets, lists and clears faults', async () => {
    await using cloud = await rig();
    const faults = `${cloud.emulator.url}/_emulator/faults`;
    const fault = { call: 'guestTokens', fault: 'status', status: 503, times: 'always' };
    expect((await ask(faults, 'POST', fault)).status).toBe(204);
    expect(await (await ask(faults)).json()).toEqual([fault]);
    expect((await cloud.guest()).status).toBe(503);
    expect((await ask(faults, 'DELETE')).status).toBe(204);
    expect((await cloud.guest()).status).toBe(200);
    const wrong = await ask(faults, 'POST', { call: 'guestTokens', fault: 'hangs' });
    expect([wrong.status, await wrong.json()]).toEqual([400, { message: expect.stringContaining('one of') }]);
  });

  it('counts, and forgets the counts', async () => {
    await using cloud = await rig();
    const stats = `${cloud.emulator.url}/_emulator/stats`;
    await cloud.guest();
    expect(await (await ask(stats)).json()).toMatchObject({
      oauthToken: 1,
      guestTokens: 1,
      byStatus: { 200: 2 },
      busiestMinute: { oauthToken: 1, guestTokens: 1, all: 2 },
      issued: [{ externalId: 'ann' }],
    });
    expect((await ask(stats, 'DELETE')).status).toBe(204);
    expect(await (await ask(stats)).json()).toMatchObject({ guestTokens: 0, byStatus: {}, issued: [] });
  });

  it('changes the credentials', async () => {
    await using cloud = await rig();
    await cloud.guest();
    const path = `${cloud.emulator.url}/_emulator/credentials`;
    expect((await ask(path, 'POST', { clientSecret: 'next', revokeAccessTokens: true })).status).toBe(204);
    expect((await cloud.guest()).status).toBe(401);
    expect((await cloud.oauth()).status).toBe(401);
    expect((await cloud.oauth({ headers: basic('emulator-client:next') })).status).toBe(200);
    cloud.emulator.reset();
    expect((await cloud.oauth()).status).toBe(200);
  });
});

describe('an emulator', () => {
  it('names every option that cannot be', async () => {
    await expect(rig({ port: -1, rateLimit: 0, accessTokenLifetime: 10 })).rejects.toThrow(
      /port must be.*accessTokenLifetime must be.*rateLimit must be/,
    );
  });

  it('says when its port is taken', async () => {
    await using cloud = await rig();
    await expect(rig({ port: cloud.emulator.port })).rejects.toThrow('EADDRINUSE');
  });

  it.each([
    [['--port', 'x'], "--port must be a number, not 'x'"],
    [['--prot', '1'], "Unknown option '--prot'"],
    [['here'], 'Unexpected argument'],
    [['--auth', 'required'], 'members need --oidc-discovery'],
    [['--oidc-client-id', 'genesys'], 'members need --oidc-discovery'],
  ])('refuses the flags %j', (args, problem) => {
    expect(readFlags(args)).toEqual({ kind: 'wrong', problem: expect.stringContaining(problem) });
  });

  it('takes flags for options', () => {
    const flags = readFlags(
      '--launcher OnDemand --token-lifetime 60 --rate-limit 30 --webchat a --webchat b --inactive'.split(' '),
    );
    expect(flags).toMatchObject({
      kind: 'start',
      options: {
        port: 4010,
        launcher: 'OnDemand',
        tokenLifetime: 60,
        rateLimit: 30,
        webchatIds: ['a', 'b'],
        deploymentStatus: 'Inactive',
      },
    });
    const members =
      '--auth upgrade --oidc-discovery http://x/o --oidc-client-id a --oidc-client-secret b --unknown userinfo=true --unknown clockSkew=5 --unknown tokensIn=platform';
    expect(readFlags(members.split(' '))).toMatchObject({
      options: {
        auth: 'upgrade',
        oidc: { discoveryUri: 'http://x/o', clientId: 'a', clientSecret: 'b' },
        unknown: { userinfo: true, clockSkew: 5, tokensIn: 'platform' },
      },
    });
    expect(readFlags(['--help'])).toEqual({ kind: 'help' });
  });
});

describe('authentication', () => {
  const configOf = async (url: string) =>
    (await (await fetch(`${url}/webdeployments/v1/deployments/d1/config.json`)).json()) as {
      auth: unknown;
      apiEndpoint: string;
      messenger: { apps: { conversations: unknown } };
    };

  it.each([
    ['off', { enabled: false, allowSessionUpgrade: false }],
    ['required', { enabled: true, allowSessionUpgrade: false }],
    ['upgrade', { enabled: true, allowSessionUpgrade: true }],
  ] as const)('%s stands in config.json, with where to find the rest', async (auth, expected) => {
    await using cloud = await rig({ auth, conversationDisconnect: 'Send', clearConversation: false });
    const { url } = cloud.emulator;
    expect(await configOf(url)).toMatchObject({
      auth: expected,
      apiEndpoint: url,
      messenger: {
        apps: {
          conversations: {
            messagingEndpoint: url.replace('http', 'ws'),
            conversationDisconnect: { enabled: true, type: 'Send' },
            conversationClear: { enabled: false },
          },
        },
      },
    });
    expect(JSON.stringify(await configOf(url))).not.toContain('clientId');
  });

  it('is checked at the start, its switches included', async () => {
    const wrong = {
      auth: 'maybe',
      oidc: { discoveryUri: 'shop', clientId: '', clientSecret: 'x' },
      refreshTokenLifetime: 60,
      unknown: { secretMethod: 'none', clockSkew: -1, kloskew: 3 },
    };
    await expect(rig(wrong as never)).rejects.toThrow(
      /auth must be.*refreshTokenLifetime must be.*discoveryUri must be.*clientId must be.*secretMethod must be.*clockSkew must be.*kloskew is no switch/,
    );
  });
});
