// `genesys-guest members`: makes a signing key and a client secret, and prints what Admin asks for.
import { generateKeyPair, randomBytes } from 'node:crypto';
import { parseArgs, promisify } from 'node:util';
import { command } from './command.ts';

const MEMBERS_HELP = `Usage: genesys-guest members --issuer https://www.example.com/chat/oidc [--client-id <id>]

Makes what a site needs once to sign its members in in Messenger: a signing key and a client secret for the
environment of the site, and the three values for Admin > Integrations > OpenID Connect Messenger Configuration.

  --issuer      the full URL of the mount's /oidc, as Genesys Cloud reaches it: the option members.issuer
  --client-id   letters, digits, - and _; genesys-messenger unless given
`;

const read = (args: readonly string[]) => {
  const options = { issuer: { type: 'string' }, 'client-id': { type: 'string' } } as const;
  const { issuer: given, 'client-id': clientId = 'genesys-messenger' } = parseArgs({
    args: [...args],
    options,
  }).values;
  if (given === undefined) throw new TypeError('--issuer is missing');
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== 'https:' || url.search || url.hash || !url.pathname.endsWith('/oidc')) {
    throw new TypeError(
      '--issuer must be an https URL that ends with /oidc, such as https://www.example.com/chat/oidc',
    );
  }
  if (!/^[\w-]{1,255}$/.test(clientId)) {
    throw new TypeError('--client-id takes letters, digits, - and _');
  }
  // As browsers write it: the server takes nothing else, and clients compare issuers letter by letter.
  return { issuer: url.href, clientId };
};

export const members = command('members', MEMBERS_HELP, read, async ({ issuer, clientId }, { out }) => {
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
});
