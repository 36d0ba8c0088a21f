// Everything that an emulated Genesys Cloud knows, put together.
import { type AccessTokens, createAccessTokens } from './access-tokens.ts';
import { createFaults } from './faults.ts';
import { logOut } from './guest-socket/connection.ts';
import { createGuests } from './guest-socket/guests.ts';
import { createLogins } from './members/logins.ts';
import { createProvider, type Provider } from './members/provider.ts';
import { createRefusals } from './members/refusals.ts';
import type { Cloud } from './routes.ts';
import { type OidcIntegration, oidcFaults, type Settings } from './settings.ts';
import { createStats } from './stats.ts';

export interface WholeCloud extends Cloud {
  rotateSecret(secret: string): void;
  revokeAccessTokens: AccessTokens['revoke'];
  /** @throws RangeError on an integration that cannot be */
  setOidc(oidc: OidcIntegration | undefined): void;
  reset(): void;
}

/** `provider` takes the place of the one that asks over the network. */
export const createCloud = (settings: Settings, messenger: string, provider?: Provider): WholeCloud => {
  const { now, unknown } = settings;
  const stats = createStats(now);
  const faults = createFaults();
  const tokens = createAccessTokens(settings);
  const refusals = createRefusals(now);
  const logins = createLogins(settings);
  const guests = createGuests({ settings, logins, refusals, faults, stats });
  let clientSecret = settings.clientSecret;
  let oidc = settings.oidc;
  return {
    settings,
    tokens,
    stats,
    faults,
    refusals,
    logins,
    guests,
    messenger,
    issued: stats.issued,
    provider: provider ?? createProvider({ unknown, now, stats, faults, oidc: () => oidc }),
    loggedOut: (login) => logOut(guests, login),
    get clientSecret() {
      return clientSecret;
    },
    rotateSecret(secret) {
      clientSecret = secret;
    },
    revokeAccessTokens: tokens.revoke,
    setOidc(next) {
      const problems = oidcFaults(next);
      if (problems.length > 0) throw new RangeError(problems.join('; '));
      oidc = next;
    },
    reset() {
      for (const part of [faults, stats, tokens, refusals, logins, guests]) {
        if ('reset' in part) part.reset();
        else part.clear();
      }
      clientSecret = settings.clientSecret;
      oidc = settings.oidc;
    },
  };
};
