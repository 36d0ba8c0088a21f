// Signed-in members: the OpenID provider that Genesys Cloud asks, and the codes that pages get from it.
import { notFound } from '../lib/answers.ts';
import { withinHostLimit } from '../lib/host-time-limit.ts';
import { errorName, type Log } from '../observe/log.ts';
import { createAccessTokens } from './access-tokens.ts';
import { OAuthError, oauthError, publicJson } from './answers.ts';
import { createAuthCodeEndpoint } from './auth-code.ts';
import { createAuthorizeEndpoint } from './authorize.ts';
import { createCodes } from './codes.ts';
import { discoveryDocument } from './discovery.ts';
import { createReadMember } from './member.ts';
import type { Endpoint, MembersOptions, MembersPorts } from './ports.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createMemberTags, type MemberTags } from './tags.ts';
import { createTokenEndpoint, createUserinfoEndpoint } from './token.ts';

export interface Members extends MemberTags {
  readonly endpoints: readonly Endpoint[];
  /** Whether codes are issued and redeemed now. Never throws: a switch that fails is off. */
  isEnabled(): Promise<boolean>;
}

/** @throws TypeError for a signing key that is none */
export const createMembers = (options: MembersOptions, ports: MembersPorts): Members => {
  const { log } = ports;
  const tags = createMemberTags(ports.secrets);
  const keys = createSigningKeys(options.signingKeys);
  const codes = createCodes(options, ports, tags.memberTag);
  const accessTokens = createAccessTokens(options, ports);
  const readMember = createReadMember(ports);
  const discovery = publicJson(discoveryDocument(options.issuer));
  const authCode = createAuthCodeEndpoint(options, codes, tags, readMember);

  const isEnabled = async (): Promise<boolean> => {
    try {
      return (await withinHostLimit(options.enabled())) === true;
    } catch (error) {
      log('error', 'members.enabled failed or took over 5 s, so members are off', {
        error: errorName(error),
      });
      return false;
    }
  };

  const enabledAuthCode: Endpoint['answer'] = async (request) =>
    (await isEnabled()) ? authCode(request) : notFound;
  const userinfo = createUserinfoEndpoint(accessTokens);
  const token = createTokenEndpoint(options, { codes, accessTokens, keys }, ports, isEnabled);
  const authorize = createAuthorizeEndpoint(options, codes, readMember, ports, isEnabled);
  const endpoints: Endpoint[] = [
    { path: '/auth-code', methods: ['POST'], pages: 'own', answer: enabledAuthCode },
    {
      path: '/oidc/.well-known/openid-configuration',
      methods: ['GET'],
      pages: 'all',
      answer: () => discovery,
    },
    {
      path: '/oidc/jwks',
      methods: ['GET'],
      pages: 'all',
      answer: async () => publicJson(await keys.jwks()),
    },
    { path: '/oidc/token', methods: ['POST'], pages: 'none', answer: token },
    { path: '/oidc/userinfo', methods: ['GET', 'POST'], pages: 'none', answer: userinfo },
    { path: '/oidc/authorize', methods: ['GET', 'POST'], pages: 'none', answer: authorize },
  ];
  return { endpoints: endpoints.map((endpoint) => withOAuthErrors(endpoint, log)), ...tags, isEnabled };
};

const withOAuthErrors = ({ answer, ...endpoint }: Endpoint, log: Log): Endpoint => ({
  ...endpoint,
  answer: async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      log('warn', `${endpoint.path} refused a request`, { error: error.code, reason: error.message });
      return oauthError(error);
    }
  },
});
