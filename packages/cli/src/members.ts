// `genesys-guest members`: makes a signing key and a client secret, and prints what Admin asks for.
import { generateKeyPair, randomBytes } from 'node:crypto';
import { parseArgs, promisify } from 'node:util';
import type { Output } from './doctor/doctor.ts';

export const MEMBERS_HELP = `Usage: genesys-guest members --issuer https://www.example.com/chat/oidc [--client-id <id>]

Makes what a site needs once to sign its members in in Messenger: a signing key and a client secret for the
environment of the site, and the three values for Admin > Integrations > OpenID Connect Messenger Configuration.

  --issuer      the full URL of the mount's /oidc, as Genesys Cloud reaches it: the option members.issuer
  --client-id   letters, digits, - and _; genesys-messenger unless given
`;

/** Why an issuer cannot be one. */
const issueOf = (issuer: string | undefined, clientId: string): string | undefined => {
  if (issuer === undefined) return '--issuer is missing';
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url?.protocol !== 'https:' || url.search || url.hash || !url.pathname.endsWith('/oidc')) {
    return '--issuer must be an https URL that ends with /oidc, such as https://www.example.com/chat/oidc';
  }
  return /^[\w-]{1,255}$/.test(clientId) ? undefined : '--client-id takes letters, digits, - and _';
};

/** @returns 0, or 2 for wrong usage */
export const members = async (args: readonly string[], { out, err }: Output): Promise<0 | 2> => {
  const options = {
    issuer: { type: 'string' },
    'client-id': { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: false });
  if (values.help) {
    out.write(MEMBERS_HELP);
    return 0;
  }
  const given = values.issuer as string | undefined;
  const clientId = (values['client-id'] as string | undefined) ?? 'genesys-messenger';
  const issue = issueOf(given, clientId);
  if (issue) {
    err.write(`genesys-guest members: ${issue}\n${MEMBERS_HELP}`);
    return 2;
  }
  // As browsers write it: the server takes nothing else, and clients compare issuers letter by letter.
  const issuer = new URL(given as string).href;
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const clientSecret = randomBytes(32).toString('base64url');
  out.write(`# For the environment of your site. Keep it as a secret; it is not shown again.
GENESYS_GUEST_MEMBERS_CLIENT_ID=${clientId}
GENESYS_GUEST_MEMBERS_CLIENT_SECRET=${clientSecret}
GENESYS_GUEST_MEMBERS_SIGNING_KEYS="${privateKey.trim().replaceAll('\n', '\\n')}"

# For Admin > Integrations > OpenID Connect Messenger Configuration:
#   Discovery URI  ${issuer}/.well-known/openid-configuration
#   Client ID      ${clientId}
#   Client Secret  ${clientSecret}

# In your code: genesysGuest({ …, identify, members: { issuer: '${issuer}' } })
`);
  return 0;
};
