// Makes what a site needs once to be a provider: a signing key, a client secret, and the values for Admin.
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

export interface MembersCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** PKCS #8 as PEM: keep it as a secret. */
  readonly signingKey: string;
  /** What Admin › Integrations › OpenID Connect Messenger Configuration asks for. */
  readonly admin: {
    readonly discoveryUri: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
}

/** @param issuer full URL of the mount's `/oidc`, as in `members.issuer` */
export const generateMembersCredentials = async (
  issuer: string,
  clientId = 'genesys-messenger',
): Promise<MembersCredentials> => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const clientSecret = randomBytes(32).toString('base64url');
  const discoveryUri = `${issuer}/.well-known/openid-configuration`;
  return {
    clientId,
    clientSecret,
    signingKey: privateKey,
    admin: { discoveryUri, clientId, clientSecret },
  };
};
