// `/api/v2/webdeployments/token/…`: a code for a JWT, a refresh token for another, and the end of both.
import { type Answer, json, refusal } from '../answer.ts';
import { isDeployment, type Settings } from '../settings.ts';
import type { Login, Logins } from './logins.ts';
import type { OAuthParameters, Provider } from './provider.ts';
import type { Refusals } from './refusals.ts';

export interface MembersCloud {
  readonly settings: Settings;
  readonly logins: Logins;
  readonly provider: Provider;
  readonly refusals: Refusals;
  /** Hears of a member who signed out: every device of theirs is told. */
  readonly loggedOut: (login: Login) => void;
}

type Body = Readonly<Record<string, unknown>>;

const unauthorized = (): Answer => refusal({ status: 401, message: 'HTTP 401 Unauthorized' });

const invalid = (message: string): Answer => refusal({ status: 400, message });

const parse = (body: string | undefined): Body | undefined => {
  try {
    const value: unknown = JSON.parse(body ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
};

/** The platform says 401 and nothing more; why is told to the emulator's own users, in `refusals`. */
export const exchange = async (cloud: MembersCloud, body: string | undefined): Promise<Answer> => {
  const { settings, logins, provider, refusals } = cloud;
  const { deploymentId, oauth } = parse(body) ?? {};
  if (typeof deploymentId !== 'string') return invalid('deploymentId is required');
  if (!isDeployment(settings, deploymentId)) return refusal({ status: 404, message: 'HTTP 404 Not Found' });
  if (settings.auth === 'off') return invalid('Authentication is not enabled for this deployment');
  const given = oauthOf(oauth);
  if (given === undefined) return invalid('oauth needs a code or an idToken, and a redirectUri for a code');
  try {
    const { member, expiresIn } = await provider.redeem(given);
    return json(
      200,
      logins.issue({ deploymentId, member, expiresIn, refreshable: given.code !== undefined }),
    );
  } catch (error) {
    refusals.add('exchange', (error as Error).message);
    return unauthorized();
  }
};

const TEXTS = ['code', 'idToken', 'redirectUri', 'nonce', 'codeVerifier', 'iss'] as const;

const oauthOf = (value: unknown): OAuthParameters | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null)) as Body;
  const { code, idToken, redirectUri, maxAge } = given;
  if (TEXTS.some((name) => given[name] !== undefined && typeof given[name] !== 'string')) return undefined;
  if (maxAge !== undefined && typeof maxAge !== 'number') return undefined;
  if ((code === undefined) === (idToken === undefined)) return undefined;
  return code === undefined || URL.canParse(String(redirectUri)) ? (given as OAuthParameters) : undefined;
};

export const refresh = ({ logins, refusals }: MembersCloud, body: string | undefined): Answer => {
  const { refreshToken, deploymentId } = parse(body) ?? {};
  if (typeof refreshToken !== 'string') return invalid('refreshToken is required');
  // Genesys' own mobile SDK sends no deploymentId.
  const jwt = logins.refresh(refreshToken, typeof deploymentId === 'string' ? deploymentId : undefined);
  if (jwt !== undefined) return json(200, { jwt });
  refusals.add('refresh', 'the refresh token is unknown, expired or revoked');
  return unauthorized();
};

export const revoke = ({ logins, refusals, loggedOut }: MembersCloud, jwt: string): Answer => {
  const standing = logins.standing(jwt);
  if (!standing.good) {
    refusals.add('revoke', `the JWT is ${standing.why}`);
    return unauthorized();
  }
  logins.revoke(standing.login);
  loggedOut(standing.login);
  return { status: 204, headers: {}, body: '' };
};
