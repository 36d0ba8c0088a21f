// Signed-in members: the OpenID provider that Genesys Cloud asks, and the codes that pages get from it.
import { withinHostLimit } from '../lib/host-time-limit.ts';
import { errorName } from '../observe/log.ts';
import { createAccessTokens } from './access-tokens.ts';
import { empty, publicJson } from './answers.ts';
import { createAuthCodeEndpoint } from './auth-code.ts';
import { createAuthorizeEndpoint } from './authorize.ts';
import { createCodes } from './codes.ts';
import { discoveryDocument } from './discovery.ts';
import { createReadMember } from './member.ts';
import type { MembersOptions, MembersPorts, MembersRequest } from './ports.ts';
import { createRouter, type Router } from './router.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createMemberTags, type MemberTags } from './tags.ts';
import { createTokenEndpoint, createUserinfoEndpoint } from './token.ts';

export interface Members extends Router, MemberTags {
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

  const userinfo = createUserinfoEndpoint(accessTokens);
  const router = createRouter(
    {
      '/auth-code': {
        methods: ['POST'],
        answer: async (request: MembersRequest) => ((await isEnabled()) ? authCode(request) : empty(404, {})),
      },
      '/oidc/.well-known/openid-configuration': { methods: ['GET'], cors: true, answer: () => discovery },
      '/oidc/jwks': { methods: ['GET'], cors: true, answer: async () => publicJson(await keys.jwks()) },
      '/oidc/token': {
        methods: ['POST'],
        answer: createTokenEndpoint(options, { codes, accessTokens, keys }, ports, isEnabled),
      },
      '/oidc/userinfo': { methods: ['GET', 'POST'], answer: userinfo },
      '/oidc/authorize': {
        methods: ['GET', 'POST'],
        answer: createAuthorizeEndpoint(options, codes, readMember, ports, isEnabled),
      },
    },
    log,
  );
  return { ...router, ...tags, isEnabled };
};
