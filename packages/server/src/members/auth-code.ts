// `POST /auth-code`: gives a page of this site a code for the member who is signed in on the site.
import type { Answer } from '../lib/answers.ts';
import { GuestTokenError } from '../lib/errors.ts';
import { json, OAuthError } from './answers.ts';
import { CODE_CHALLENGE, type Codes, NONCE, pageRedirectUri } from './codes.ts';
import { parseJson } from './json-body.ts';
import type { ReadMember } from './member.ts';
import type { MembersOptions, MembersRequest } from './ports.ts';
import type { MemberTags } from './tags.ts';

export const createAuthCodeEndpoint = (
  { issuer }: MembersOptions,
  codes: Codes,
  tags: MemberTags,
  readMember: ReadMember,
) => {
  const redirectUri = pageRedirectUri(issuer);
  return async (request: MembersRequest): Promise<Answer> => {
    const { member: tag, ...asked } = readBody(request);
    const identity = await request.identify();
    if (!identity) throw new GuestTokenError('sign_in_required', 'Nobody is signed in on this site.');
    const member = readMember(identity);
    if (tag !== undefined && !tags.isMemberTag(member.sub, tag)) {
      throw new GuestTokenError('guest_changed', 'Another member is signed in than the page holds.');
    }
    try {
      return json({
        authCode: await codes.issue(member, { redirectUri, ...asked }),
        redirectUri,
        iss: issuer,
      });
    } catch (cause) {
      if (!(cause instanceof OAuthError)) throw cause;
      const code = cause.status === 429 ? 'too_many_guests' : 'store_unavailable';
      throw new GuestTokenError(code, `${cause.message}.`, { retryAfter: cause.retryAfter });
    }
  };
};

const readBody = (request: MembersRequest) => {
  const body = parseJson(request);
  if (!body)
    throw new GuestTokenError('request_invalid', 'The body must be a JSON object, sent as application/json.');
  const { codeChallenge, nonce, member } = body;
  if (typeof codeChallenge !== 'string' || !CODE_CHALLENGE.test(codeChallenge)) {
    throw new GuestTokenError(
      'request_invalid',
      'codeChallenge must be the base64url SHA-256 of the verifier (S256).',
    );
  }
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) {
    throw new GuestTokenError('request_invalid', 'nonce must have 1 to 128 ASCII characters.');
  }
  if (member !== undefined && typeof member !== 'string') {
    throw new GuestTokenError('request_invalid', 'member must be the tag that the config gave the page.');
  }
  return { codeChallenge, nonce, member };
};
