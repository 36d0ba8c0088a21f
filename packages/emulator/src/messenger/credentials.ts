// As whom a session begins: a member by their JWT, or an anonymous visitor.
import type { Auth } from './auth.ts';
import type { DeploymentConfig } from './deployment.ts';

/**
 * The JWT to begin with; `undefined` for an anonymous visitor. Rejects where the deployment wants a member and
 * there is none.
 */
export const createCredentials = (
  auth: Auth,
  config: DeploymentConfig,
  isActive: () => boolean,
): (() => Promise<string | undefined>) => {
  const rejectedCode = config.emulator?.rejectedCode ?? 'anonymous';
  return async () => {
    if (!auth.enabled) return undefined;
    const jwt = auth.jwt();
    if (jwt !== undefined) return jwt;
    if (!auth.upgradable) return auth.getTokens();
    // A running anonymous conversation is stepped up by command alone.
    if (isActive() || !auth.providerReady) return undefined;
    return auth.getTokens().catch((reason: unknown) => {
      if (rejectedCode === 'anonymous') return undefined;
      throw reason;
    });
  };
};
