// Members who are signed in: a JWT that opens the guest socket, and a refresh token that makes more of them.
import { randomBytes } from 'node:crypto';
import { readJwt, signJwt } from './jwt.ts';

/** What the provider has proven of a member. */
export interface Member {
  readonly sub: string;
  readonly email?: string;
  readonly givenName?: string;
  readonly familyName?: string;
}

export interface Login {
  readonly id: string;
  readonly deploymentId: string;
  readonly member: Member;
}

export interface Tokens {
  readonly jwt: string;
  readonly refreshToken?: string;
}

export type Standing =
  | { readonly good: true; readonly login: Login }
  | { readonly good: false; readonly why: 'expired' | 'unknown' };

export interface Logins {
  /** `expiresIn` is the provider's, in seconds. Without `refreshable` there is no refresh token. */
  issue(who: { deploymentId: string; member: Member; expiresIn: number; refreshable: boolean }): Tokens;
  /** Another JWT for a refresh token that lives; it does not rotate. */
  refresh(refreshToken: string, deploymentId: string | undefined): string | undefined;
  /** Whose JWT this is, and whether it still opens anything. */
  standing(jwt: string): Standing;
  /** Ends every login of this member on this deployment: JWTs and refresh tokens alike. */
  revoke(login: Login): void;
  reset(): void;
}

/** Seconds that a JWT lives at most. */
const JWT_LIFETIME = 900;
/** Logins that are remembered; the oldest is forgotten first. */
const MOST = 10_000;

interface Known extends Login {
  readonly jwtLifetime: number;
  readonly refreshToken: string | undefined;
  readonly refreshUntil: number;
}

export const createLogins = (settings: {
  readonly refreshTokenLifetime: number;
  readonly now: () => number;
}): Logins => {
  const key = randomBytes(32);
  const byId = new Map<string, Known>();
  const byRefreshToken = new Map<string, Known>();

  const forget = (login: Known) => {
    byId.delete(login.id);
    if (login.refreshToken !== undefined) byRefreshToken.delete(login.refreshToken);
  };
  const jwtOf = ({ id, deploymentId, member, jwtLifetime }: Known): string => {
    const iat = Math.floor(settings.now() / 1000);
    return signJwt(key, { jti: id, sub: member.sub, deploymentId, iat, exp: iat + jwtLifetime });
  };

  return {
    issue({ deploymentId, member, expiresIn, refreshable }) {
      const login: Known = {
        id: randomBytes(16).toString('base64url'),
        deploymentId,
        member,
        jwtLifetime: Math.max(1, Math.min(JWT_LIFETIME, Math.floor(expiresIn))),
        refreshToken: refreshable ? `emu-refresh-${randomBytes(48).toString('base64url')}` : undefined,
        refreshUntil: settings.now() + settings.refreshTokenLifetime * 1000,
      };
      byId.set(login.id, login);
      if (login.refreshToken !== undefined) byRefreshToken.set(login.refreshToken, login);
      if (byId.size > MOST) forget(byId.values().next().value as Known);
      const { refreshToken } = login;
      return { jwt: jwtOf(login), ...(refreshToken !== undefined && { refreshToken }) };
    },
    refresh(refreshToken, deploymentId) {
      const login = byRefreshToken.get(refreshToken);
      if (login === undefined || settings.now() >= login.refreshUntil) return undefined;
      return deploymentId === undefined || deploymentId === login.deploymentId ? jwtOf(login) : undefined;
    },
    standing(jwt) {
      const claims = readJwt(key, jwt);
      const login = claims && byId.get(String(claims['jti']));
      if (claims === undefined || login === undefined) return { good: false, why: 'unknown' };
      return settings.now() >= claims.exp * 1000 ? { good: false, why: 'expired' } : { good: true, login };
    },
    revoke({ deploymentId, member }) {
      for (const login of [...byId.values()]) {
        if (login.deploymentId === deploymentId && login.member.sub === member.sub) forget(login);
      }
    },
    reset() {
      byId.clear();
      byRefreshToken.clear();
    },
  };
};
