// `POST /api/v2/guest-tokens`: who may, how often, what is taken, and the token.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AccessTokens, Budget } from './access-tokens.ts';
import { type Answer, json, methodNotAllowed, type PlatformFault, refusal } from './answer.ts';
import { readBody } from './body.ts';
import { checkPayload, type GuestTokenRequest } from './payload.ts';
import { isDeployment, SCOPES, type Settings } from './settings.ts';

const DAY = 86_400_000;

export interface GuestTokenCloud {
  readonly settings: Settings;
  readonly tokens: AccessTokens;
  /** Hears of each token that was given out. */
  readonly issued: (externalId: string) => void;
}

export const answerGuestTokens = async (cloud: GuestTokenCloud, req: IncomingMessage): Promise<Answer> => {
  if (req.method !== 'POST') return methodNotAllowed('POST');
  const body = await readBody(req);
  const bearer = /^bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
  const stranger = authenticationFault(cloud.tokens, bearer);
  if (stranger) return refusal(stranger);
  const budget = cloud.tokens.spend(bearer as string);
  const headers = budgetHeaders(budget);
  if (budget.exceeded) return refusal(rateLimited(budget.reset, headers));
  const fault = formFault(req, body);
  if (fault) return refusal({ ...fault, headers });
  const checked = checkPayload(body as string, cloud.settings.now());
  if (!checked.good) return refusal({ ...invalid(checked.faults), headers });
  const denied = permissionFault(cloud.settings, checked.request.webchatId);
  if (denied) return refusal({ ...denied, headers });
  return json(200, issue(cloud, checked.request), headers);
};

const issue = ({ settings, issued }: GuestTokenCloud, request: GuestTokenRequest) => {
  const { externalId, webchatId, attributes } = request;
  const now = settings.now();
  const asked = request.expiresAt ?? now + DAY;
  const expirationTime = new Date(Math.min(asked, now + settings.tokenLifetime * 1000)).toISOString();
  issued(externalId);
  return { externalId, webchatId, ...(attributes && { attributes }), expirationTime, token: guestToken() };
};

/** 131 characters, as long as the platform's, and known at sight for an emulator's. */
const guestToken = (): string => `emu-guest-${randomBytes(91).toString('base64url').slice(0, 121)}`;

const authenticationFault = (tokens: AccessTokens, bearer: string | undefined): PlatformFault | undefined => {
  if (bearer === undefined) {
    return {
      status: 401,
      code: 'authentication.required',
      message: 'No authentication bearer token specified in authorization header.',
    };
  }
  const standing = tokens.standing(bearer);
  if (standing === 'good') return undefined;
  if (standing === 'unknown')
    return { status: 401, code: 'bad.credentials', message: 'Invalid login credentials.' };
  return { status: 401, code: 'credentials.expired', message: 'The supplied credentials have expired.' };
};

const budgetHeaders = ({ count, allowed, reset }: Budget): Record<string, string> => ({
  'inin-ratelimit-count': String(count),
  'inin-ratelimit-allowed': String(allowed),
  'inin-ratelimit-reset': String(reset),
});

/** The platform's words for a limit that was passed. */
export const rateLimited = (seconds: number, headers: Record<string, string> = {}): PlatformFault => ({
  status: 429,
  message: `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`,
  headers: { ...headers, 'Retry-After': String(seconds) },
});

const formFault = (req: IncomingMessage, body: string | undefined): PlatformFault | undefined => {
  if (body === undefined) return { status: 413, message: 'The request body is larger than 512000 bytes.' };
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/json'
    ? undefined
    : { status: 415, message: 'HTTP 415 Unsupported Media Type' };
};

const invalid = (faults: readonly PlatformFault[]): PlatformFault => {
  const [first] = faults;
  return {
    status: 400,
    code: 'bad.request',
    message: faults.length === 1 && first ? first.message : `The request has ${faults.length} faults.`,
    details: faults.flatMap(({ details }) => details ?? []),
    errors: faults,
  };
};

const permissionFault = (settings: Settings, webchatId: string): PlatformFault | undefined => {
  const scope = SCOPES.find((needed) => !settings.scopes.includes(needed));
  if (scope !== undefined) {
    return {
      status: 403,
      code: 'missing.permissions',
      message: `Unable to perform the requested action. You are missing the following permission(s): ${scope}`,
      template:
        'Unable to perform the requested action. You are missing the following permission(s): {permissions}',
      params: { permissions: scope },
    };
  }
  if (isDeployment(settings, webchatId)) return undefined;
  return { status: 403, message: 'You are not authorized to use this webchat.' };
};
