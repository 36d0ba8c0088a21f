// Codes of the reference provider of Node are redeemed as ours are.
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startMembers } from './testing-members.ts';
import { ADA, CLIENT, REDIRECT_URI } from './testing-provider.ts';

interface Reference {
  readonly issuer: string;
  code(nonce?: string): Promise<{ code: string; redirectUri: string; codeVerifier: string }>;
  close(): Promise<void>;
}

/** The provider without its pages: codes are made as its authorization endpoint makes them. */
const startReference = async (): Promise<Reference> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Not before the tests have stilled what it says of this version of Node.
  const { Provider } = await import('oidc-provider');
  const provider = new Provider(issuer, {
    clients: [
      { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [REDIRECT_URI] },
    ],
    claims: { openid: ['sub'], email: ['email'], profile: ['given_name', 'family_name'] },
    conformIdTokenClaims: false,
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ ...ADA, sub: accountId }) }),
    features: { devInteractions: { enabled: false } },
  });
  server.on('request', provider.callback());
  return {
    issuer,
    async code(nonce) {
      const client = await provider.Client.find(CLIENT.clientId);
      if (client === undefined) throw new Error('The client is not there');
      const grant = new provider.Grant({ accountId: ADA.sub, clientId: client.clientId });
      grant.addOIDCScope('openid email profile');
      const codeVerifier = `${randomUUID()}${randomUUID()}`;
      const code = new provider.AuthorizationCode({
        client,
        gty: 'authorization_code',
        accountId: ADA.sub,
        grantId: await grant.save(),
        redirectUri: REDIRECT_URI,
        scope: 'openid email profile',
        codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
        codeChallengeMethod: 'S256',
        ...(nonce !== undefined && { nonce }),
      });
      return { code: await code.save(), redirectUri: REDIRECT_URI, codeVerifier };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

describe('oidc-provider', () => {
  let reference: Reference;
  beforeAll(async () => {
    // It warns of keys for development, which this is, and of Node 20.
    vi.spyOn(console, 'warn').mockReturnValue();
    vi.spyOn(console, 'info').mockReturnValue();
    reference = await startReference();
  });
  afterAll(async () => {
    await reference.close();
    vi.restoreAllMocks();
  });

  const started = async () =>
    startMembers({
      oidc: { ...CLIENT, discoveryUri: `${reference.issuer}/.well-known/openid-configuration` },
      unknown: { secretMethod: 'client_secret_basic' },
      now: Date.now,
    });

  it.each([
    ['alone', {}],
    ['with a nonce', { nonce: 'n1' }],
    ['with an iss', { iss: true }],
    ['with both', { nonce: 'n1', iss: true }],
  ])('has its codes redeemed: %s', async (_name, { nonce, iss }: { nonce?: string; iss?: boolean }) => {
    await using cloud = await started();
    const oauth = { ...(await reference.code(nonce)), nonce, ...(iss && { iss: reference.issuer }) };
    const response = await cloud.exchange(oauth);
    expect(cloud.emulator.refusals()).toEqual([]);
    expect(response.status).toBe(200);
    const again = await cloud.exchange(oauth);
    expect(again.status).toBe(401);
  });

  it('is told of another nonce, and of another iss', async () => {
    await using cloud = await started();
    expect((await cloud.exchange({ ...(await reference.code('n1')), nonce: 'n2' })).status).toBe(401);
    const iss = 'https://other.example';
    expect((await cloud.exchange({ ...(await reference.code()), iss })).status).toBe(401);
  });
});
