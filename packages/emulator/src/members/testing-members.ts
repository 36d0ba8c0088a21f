// An emulator with members for tests: its provider, its clock, and what a page asks of it.
import type { EmulatorOptions } from '../settings.ts';
import { NOON, type Rig, rig } from '../testing.ts';
import { startProvider, type TestProvider } from './testing-provider.ts';

const TOKEN = '/api/v2/webdeployments/token';

export interface Members extends Rig {
  readonly provider: TestProvider;
  exchange(oauth: unknown, deploymentId?: unknown): Promise<Response>;
  refresh(body: unknown): Promise<Response>;
  signOut(jwt: string): Promise<Response>;
  /** The tokens of somebody whom the provider knows. */
  signIn(claims?: Readonly<Record<string, unknown>>): Promise<{ jwt: string; refreshToken: string }>;
}

export const startMembers = async (options: EmulatorOptions = {}): Promise<Members> => {
  const clock = { at: NOON };
  const now = () => clock.at;
  const provider = await startProvider(now);
  const cloud = await rig({ auth: 'required', oidc: provider.oidc, now, ...options });
  const ask = (path: string, request: RequestInit) => fetch(`${cloud.emulator.url}${TOKEN}/${path}`, request);
  const exchange: Members['exchange'] = (oauth, deploymentId = 'd1') =>
    ask('oauthcodegrantjwtexchange', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: 'https://shop.example' },
      body: JSON.stringify({ deploymentId, oauth }),
    });
  return {
    ...cloud,
    clock,
    provider,
    exchange,
    refresh: (body) => ask('refresh', { method: 'POST', body: JSON.stringify(body) }),
    signOut: (jwt) => ask('revoke', { method: 'DELETE', headers: { Authorization: `Bearer ${jwt}` } }),
    async signIn(claims) {
      const response = await exchange(provider.code(claims));
      if (response.status !== 200) throw new Error(`The exchange answered ${response.status}`);
      return (await response.json()) as { jwt: string; refreshToken: string };
    },
    async [Symbol.asyncDispose]() {
      await cloud[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
};
