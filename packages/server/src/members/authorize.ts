// `/oidc/authorize`: for mobile apps. Silent: whom the site names gets a code, everyone else `login_required`.
import type { Answer } from '../lib/answers.ts';
import { OAuthError, redirect } from './answers.ts';
import { CODE_CHALLENGE, type CodeRequest, type Codes, isPageRedirectUri, NONCE } from './codes.ts';
import type { Member, ReadMember } from './member.ts';
import { formParameters, type Parameters, queryParameters } from './parameters.ts';
import type { MembersOptions, MembersPorts, MembersRequest } from './ports.ts';

export const createAuthorizeEndpoint = (
  { issuer, clientId, redirectUris }: MembersOptions,
  codes: Codes,
  readMember: ReadMember,
  { now, log }: Pick<MembersPorts, 'now' | 'log'>,
  isEnabled: () => Promise<boolean>,
) => {
  const { origin } = new URL(issuer);
  // The page's own redirect URI belongs to `/auth-code`, which tells a page of this site from a link elsewhere.
  const listed = new Set(redirectUris.filter((uri) => !isPageRedirectUri(uri, issuer)));

  /** @throws OAuthError that may not be redirected: nobody knows where to */
  const redirectUriOf = (parameters: Parameters): string => {
    if (parameters.get('client_id') !== clientId) {
      throw new OAuthError('invalid_client', 'client_id is not the client of this provider');
    }
    const uri = parameters.get('redirect_uri');
    if (uri === undefined) throw new OAuthError('invalid_request', 'redirect_uri is missing');
    if (listed.has(uri)) return uri;
    throw new OAuthError('invalid_redirect_uri', 'redirect_uri is not one of members.redirectUris');
  };

  const memberOf = async (request: MembersRequest, maxAge: number): Promise<Member> => {
    if (!(await isEnabled())) throw new OAuthError('temporarily_unavailable', 'Members are switched off');
    if (isCrossSite(request, origin)) throw loginRequired('Another site may not ask for a code');
    const identity = await request.identify();
    if (!identity) throw loginRequired('Nobody is signed in');
    const member = readMember(identity);
    checkAge(maxAge, member.authTime, now());
    return member;
  };

  return async (request: MembersRequest): Promise<Answer> => {
    const parameters = request.method === 'POST' ? formParameters(request) : queryParameters(request);
    const redirectUri = redirectUriOf(parameters);
    const state = parameters.get('state');
    const back = (answer: Readonly<Record<string, string>>): Answer =>
      redirect(redirectUri, state === undefined ? answer : { ...answer, state });
    try {
      const { maxAge, ...asked } = checkRequest(parameters);
      const member = await memberOf(request, maxAge);
      return back({ code: await codes.issue(member, { redirectUri, ...asked }) });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      log('debug', '/oidc/authorize issued no code', { error: error.code, reason: error.message });
      return back({ error: error.code, error_description: error.message });
    }
  };
};

const loginRequired = (message: string): OAuthError => new OAuthError('login_required', message);
const invalid = (message: string): OAuthError => new OAuthError('invalid_request', message);

/** The browser's own word, else the origin of a form. Apps and what a person typed have neither. */
const isCrossSite = ({ headers }: MembersRequest, origin: string): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'cross-site';
  return headers['origin'] !== undefined && headers['origin'] !== origin;
};

/** What this provider cannot do, with the error of OpenID Connect Core, 3.1.2.6. */
const UNSUPPORTED = {
  request: 'request_not_supported',
  request_uri: 'request_uri_not_supported',
  registration: 'registration_not_supported',
};

interface Asked extends Omit<CodeRequest, 'redirectUri'> {
  /** Seconds; infinite where the app did not ask. */
  readonly maxAge: number;
}

const checkRequest = (parameters: Parameters): Asked => {
  for (const [name, error] of Object.entries(UNSUPPORTED)) {
    if (parameters.has(name)) throw new OAuthError(error, `${name} is not supported`);
  }
  const type = parameters.get('response_type');
  if (type === undefined) throw invalid('response_type is missing');
  if (type !== 'code') throw new OAuthError('unsupported_response_type', 'response_type must be code');
  if ((parameters.get('response_mode') ?? 'query') !== 'query') throw invalid('response_mode must be query');
  if (!parameters.get('scope')?.split(' ').includes('openid')) {
    throw new OAuthError('invalid_scope', 'scope must hold openid');
  }
  const codeChallenge = parameters.get('code_challenge') ?? '';
  if (!CODE_CHALLENGE.test(codeChallenge) || parameters.get('code_challenge_method') !== 'S256') {
    throw invalid('code_challenge is needed, with the code_challenge_method S256');
  }
  const nonce = parameters.get('nonce');
  if (nonce !== undefined && !NONCE.test(nonce)) throw invalid('nonce must have 1 to 128 ASCII characters');
  checkPrompt(parameters.get('prompt'));
  const maxAge = parameters.get('max_age');
  if (maxAge !== undefined && !/^\d{1,10}$/.test(maxAge)) throw invalid('max_age must be seconds');
  return { codeChallenge, nonce, maxAge: Number(maxAge ?? Number.POSITIVE_INFINITY) };
};

/** This provider shows nothing, so everything but `none` asks for what it cannot do. */
const PROMPTS = new Map([
  ['login', 'login_required'],
  ['consent', 'consent_required'],
  ['select_account', 'account_selection_required'],
]);

const checkPrompt = (prompt: string | undefined): void => {
  const values = prompt?.split(' ').filter((value) => value !== '') ?? [];
  if (values.includes('none') && values.length > 1) throw invalid('prompt none stands alone');
  for (const value of values) {
    if (value === 'none') continue;
    const error = PROMPTS.get(value);
    throw error ? new OAuthError(error, 'Nothing is shown here') : invalid('prompt has an unknown value');
  }
};

/** @param maxAge seconds @param authTime seconds @param now milliseconds */
const checkAge = (maxAge: number, authTime: number | undefined, now: number): void => {
  const age = authTime === undefined ? Number.POSITIVE_INFINITY : now / 1_000 - authTime;
  // 0 asks for a new sign-in (OpenID Connect Core, 3.1.2.1).
  if (age > maxAge || maxAge === 0) throw loginRequired('The sign-in is not known to be within max_age');
};
