// A provider's code becomes the platform's JWT, if everything is proven; and nothing that is not proven is believed.
import { describe, expect, it } from 'vitest';
import { NOON } from '../testing.ts';
import { type Members, startMembers as members } from './testing-members.ts';
import { ADA, type Lie } from './testing-provider.ts';

const TOKEN = '/api/v2/webdeployments/token';

const tokensOf = async (response: Response) => {
  expect(response.status).toBe(200);
  return (await response.json()) as { jwt: string; refreshToken: string };
};

const claimsOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { iat: number; exp: number };

describe('a code', () => {
  it.each(['client_secret_post', 'client_secret_basic'] as const)(
    'is redeemed by %s',
    async (secretMethod) => {
      await using cloud = await members({ unknown: { secretMethod } });
      const response = await cloud.exchange(cloud.provider.code());
      expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example');
      const { jwt, refreshToken } = await tokensOf(response);
      expect(claimsOf(jwt)).toMatchObject({ sub: ADA.sub, iat: NOON / 1000, exp: NOON / 1000 + 900 });
      expect(refreshToken).toMatch(/^emu-refresh-/);
      expect(cloud.provider.methods).toEqual([secretMethod]);
      expect(cloud.emulator.stats()).toMatchObject({ exchange: 1, discovery: 1, providerToken: 1, jwks: 1 });
    },
  );

  it('may come with a nonce and an iss, which are then compared', async () => {
    await using cloud = await members();
    const { provider } = cloud;
    const oauth = { ...provider.code(ADA, 'n1'), nonce: 'n1', iss: provider.issuer };
    expect((await cloud.exchange(oauth)).status).toBe(200);
    provider.metadata = { authorization_response_iss_parameter_supported: true };
    expect((await cloud.exchange(provider.code())).status).toBe(200);
    expect((await cloud.exchange({ ...provider.code(), iss: 'https://other.example' })).status).toBe(401);
    expect((await cloud.exchange({ ...provider.code(ADA, 'n2'), nonce: 'n3' })).status).toBe(401);
  });

  it('whose access token lives shorter than 15 minutes makes a JWT as short', async () => {
    await using cloud = await members();
    cloud.provider.expiresIn = 300;
    const { jwt } = await tokensOf(await cloud.exchange(cloud.provider.code()));
    expect(claimsOf(jwt).exp).toBe(NOON / 1000 + 300);
  });

  it.each([
    [
      'used already',
      async ({ provider, exchange }: Members) => {
        const code = provider.code();
        await exchange(code);
        return exchange(code);
      },
    ],
    [
      'with another verifier',
      ({ provider, exchange }: Members) => exchange({ ...provider.code(), codeVerifier: 'x'.repeat(43) }),
    ],
    [
      'without a verifier',
      ({ provider, exchange }: Members) => exchange({ ...provider.code(), codeVerifier: undefined }),
    ],
    [
      'for another redirect URI',
      ({ provider, exchange }: Members) =>
        exchange({ ...provider.code(), redirectUri: 'https://shop.example/other' }),
    ],
    [
      'too long',
      ({ exchange }: Members) => exchange({ code: 'x'.repeat(2049), redirectUri: 'https://shop.example' }),
    ],
  ])('%s is 401, which says nothing; the emulator does', async (_name, ask) => {
    await using cloud = await members();
    const response = await ask(cloud);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ message: 'HTTP 401 Unauthorized' });
    expect(cloud.emulator.refusals().at(-1)).toMatchObject({ call: 'exchange', reason: expect.any(String) });
    expect(JSON.stringify(cloud.emulator.refusals())).not.toContain('provider-secret');
  });
});

describe('an ID token', () => {
  const past = NOON / 1000 - 60;
  it.each<[string, Lie]>([
    ['with another nonce', { claims: { nonce: 'n2' } }],
    ['of alg none', { header: { alg: 'none' }, unsigned: true }],
    ['without its signature', { unsigned: true }],
    ['that another key signed', { forged: true }],
    ['of another issuer', { claims: { iss: 'https://other.example' } }],
    ['for another client', { claims: { aud: 'somebody' } }],
    ['that has expired', { claims: { iat: past - 300, exp: past } }],
    ['of an unknown kid', { header: { kid: 'nobody' } }],
    ['with an empty sub', { claims: { sub: '' } }],
    ['with a sub of 256 characters', { claims: { sub: 's'.repeat(256) } }],
  ])('%s is refused', async (_name, lie) => {
    await using cloud = await members();
    cloud.provider.lie = lie;
    const response = await cloud.exchange({ ...cloud.provider.code(ADA, 'n1'), nonce: 'n1' });
    expect([response.status, cloud.emulator.refusals().length]).toEqual([401, 1]);
  });

  it('may differ from our clock by the skew, and no more', async () => {
    await using cloud = await members({ unknown: { clockSkew: 90 } });
    cloud.provider.lie = { claims: { iat: past - 300, exp: past } };
    expect((await cloud.exchange(cloud.provider.code())).status).toBe(200);
    cloud.clock.at += 60_000;
    expect((await cloud.exchange(cloud.provider.code())).status).toBe(401);
  });

  it('of the implicit flow is taken with its nonce, and gives no refresh token', async () => {
    await using cloud = await members();
    const { provider } = cloud;
    const redirectUri = 'https://shop.example';
    const idToken = await provider.idToken({ ...ADA, nonce: 'n1' });
    expect(await tokensOf(await cloud.exchange({ idToken, nonce: 'n1', redirectUri }))).toEqual({
      jwt: expect.any(String),
    });
    expect((await cloud.exchange({ idToken, nonce: 'n2', redirectUri })).status).toBe(401);
    expect((await cloud.exchange({ idToken, redirectUri })).status).toBe(401);
  });

  it('whose claims are at userinfo alone is a member without a name, unless it is asked', async () => {
    const { sub, ...profile } = ADA;
    for (const [userinfo, calls] of [
      [false, 0],
      [true, 1],
    ] as const) {
      await using cloud = await members({ unknown: { userinfo } });
      cloud.provider.userinfo = profile;
      await tokensOf(await cloud.exchange(cloud.provider.code({ sub })));
      expect(cloud.emulator.stats().userinfo).toBe(calls);
    }
  });
});

describe('the provider', () => {
  it('may rotate its keys; one that keeps them is behind until its time is over', async () => {
    await using fresh = await members();
    await tokensOf(await fresh.exchange(fresh.provider.code()));
    await fresh.provider.rotate();
    await tokensOf(await fresh.exchange(fresh.provider.code()));

    await using keeping = await members({ unknown: { keysCachedFor: 600 } });
    await tokensOf(await keeping.exchange(keeping.provider.code()));
    await keeping.provider.rotate();
    expect((await keeping.exchange(keeping.provider.code())).status).toBe(401);
    keeping.clock.at += 600_000;
    await tokensOf(await keeping.exchange(keeping.provider.code()));
    expect(keeping.emulator.stats()).toMatchObject({ discovery: 2, jwks: 2, providerToken: 3 });
  });

  it.each([
    ['discovery', 'hang'],
    ['discovery', 'status'],
    ['discovery', 'html'],
    ['discovery', 'wrong-shape'],
    ['providerToken', 'reset'],
    ['providerToken', 'empty'],
    ['providerToken', 'hang'],
    ['jwks', 'other-keys'],
    ['jwks', 'status'],
  ] as const)('that fails at %s (%s) is given up: 401', async (call, fault) => {
    await using cloud = await members({ unknown: { providerTimeout: 200 } });
    cloud.emulator.fault({ call, fault });
    expect((await cloud.exchange(cloud.provider.code())).status).toBe(401);
    await tokensOf(await cloud.exchange(cloud.provider.code()));
  });

  it('that is slow is waited for', async () => {
    await using cloud = await members();
    cloud.emulator.fault({ call: 'discovery', fault: 'delay', ms: 20 });
    await tokensOf(await cloud.exchange(cloud.provider.code()));
  });

  it('that says it is somebody else is not believed', async () => {
    await using cloud = await members();
    cloud.provider.metadata = { issuer: 'https://other.example' };
    expect((await cloud.exchange(cloud.provider.code())).status).toBe(401);
    expect(cloud.emulator.refusals()[0]?.reason).toContain('issuer');
  });

  it('may be another from now on, or none', async () => {
    await using cloud = await members({ oidc: undefined });
    expect((await cloud.exchange(cloud.provider.code())).status).toBe(401);
    expect(cloud.emulator.refusals()[0]?.reason).toContain('`oidc`');
    expect(() => cloud.emulator.setOidc({ ...cloud.provider.oidc, discoveryUri: 'shop' })).toThrow(
      'discoveryUri must be',
    );
    cloud.emulator.setOidc(cloud.provider.oidc);
    await tokensOf(await cloud.exchange(cloud.provider.code()));
  });
});

describe('an exchange', () => {
  it.each([
    [{ code: 'c' }, 'd1', 400],
    [{ redirectUri: 'https://shop.example' }, 'd1', 400],
    [{ code: 'c', idToken: 't', redirectUri: 'https://shop.example' }, 'd1', 400],
    [{ code: ['c'], redirectUri: 'https://shop.example' }, 'd1', 400],
    [undefined, 'd1', 400],
    [{ code: 'c', redirectUri: 'https://shop.example' }, 7, 400],
    [{ code: 'c', redirectUri: 'https://shop.example' }, 'd2', 404],
  ])('of %j for %j is %d', async (oauth, deploymentId, status) => {
    await using cloud = await members({ webchatIds: ['d1'] });
    expect((await cloud.exchange(oauth, deploymentId)).status).toBe(status);
  });

  it('is not there without authentication', async () => {
    await using cloud = await members({ auth: 'off' });
    expect((await cloud.exchange(cloud.provider.code())).status).toBe(400);
  });

  it('answers a preflight, and lets a page read a fault', async () => {
    await using cloud = await members();
    const url = `${cloud.emulator.url}${TOKEN}/oauthcodegrantjwtexchange`;
    cloud.emulator.fault({ call: 'exchange', fault: 'status', status: 503 });
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { Origin: 'https://shop.example' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Content-Type');
    const failed = await cloud.exchange(cloud.provider.code());
    expect([failed.status, failed.headers.get('access-control-allow-origin')]).toEqual([
      503,
      'https://shop.example',
    ]);
  });
});
