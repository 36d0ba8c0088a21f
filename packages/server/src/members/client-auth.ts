// Authenticates the client at the token endpoint: by client_secret_basic or client_secret_post (RFC 6749, 2.3.1).
import { OAuthError } from './answers.ts';
import { isOneOf } from './compare.ts';
import type { Parameters } from './parameters.ts';
import type { MembersOptions, MembersRequest } from './ports.ts';

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

type Client = Pick<MembersOptions, 'clientId' | 'clientSecrets'>;

/** @throws OAuthError `invalid_client` or `invalid_request` */
export const authenticateClient = (
  { headers: { authorization } }: MembersRequest,
  parameters: Parameters,
  { clientId, clientSecrets }: Client,
): void => {
  const ways = [authorization, parameters.get('client_secret'), parameters.get('client_assertion')];
  if (ways.filter((way) => way !== undefined).length > 1) {
    throw new OAuthError('invalid_request', 'The client authenticates in more than one way');
  }
  const { id, secret } =
    authorization === undefined ? fromForm(parameters) : fromBasic(String(authorization), parameters);
  const isId = isOneOf(id, [clientId]);
  const isSecret = isOneOf(secret, clientSecrets);
  if (!isId || !isSecret) throw invalidClient('The client id or secret is wrong');
};

const fromForm = (parameters: Parameters): Credentials => {
  const [id, secret] = [parameters.get('client_id'), parameters.get('client_secret')];
  if (id === undefined || secret === undefined) throw invalidClient('The client does not authenticate');
  return { id, secret };
};

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

const fromBasic = (header: string, parameters: Parameters): Credentials => {
  const encoded = BASIC.exec(header)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const id = decode(text.slice(0, colon));
  const secret = decode(text.slice(colon + 1));
  if (colon < 1 || id === undefined || !secret) {
    throw invalidClient('The Authorization header is not Basic with an id and a secret');
  }
  const named = parameters.get('client_id');
  if (named !== undefined && named !== id) {
    throw new OAuthError('invalid_request', 'client_id is not the client of the Authorization header');
  }
  return { id, secret };
};

/** Both parts are form-encoded before they are joined; some clients encode even `-` and `_`. */
const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

const invalidClient = (message: string): OAuthError =>
  new OAuthError('invalid_client', message, {
    status: 401,
    headers: { 'WWW-Authenticate': 'Basic realm="genesys-guest"' },
  });
