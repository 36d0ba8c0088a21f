// Checks signed-in members: the mount's OpenID provider as Genesys Cloud meets it, and whether the deployment fits it.
import { type AuthMode, type Facts, type Finding, type Findings, fail, pass, skip, warn } from './check.ts';
import { basic, field, type HttpAnswer, inShort } from './http.ts';
import type { Run } from './runner.ts';
import { under } from './visitor.ts';

const CONFIGURATION = 'the Messenger configuration that the deployment uses';
const REACH =
  'Mount the handler before what asks for a sign-in, and let proxy, firewall, CSRF protection and bot protection pass';

const ENVIRONMENT = ['CLIENT_ID', 'CLIENT_SECRET', 'SIGNING_KEYS'].map(
  (name) => `GENESYS_GUEST_MEMBERS_${name}`,
);

export const members = async ({ ask, need }: Run) => {
  const facts = need('mount', 'mounted');
  const issuer = under(facts.mount, '/oidc');
  const id = process.env['GENESYS_GUEST_MEMBERS_CLIENT_ID'] || 'genesys-guest-doctor';
  const wrong = { authorization: basic(id, 'wrong-on-purpose') };
  const form = { grant_type: 'authorization_code' };
  const answer = await ask(`${issuer.href}/.well-known/openid-configuration`);
  const found = field(answer, 'issuer');
  if (answer.status !== 200 || typeof found !== 'string') return absent(answer, issuer.href, facts);
  return [
    // The emulator asks on loopback.
    facts.emulator === undefined && !isPublic(issuer) ? notPublic(issuer) : issuerFinding(found, issuer),
    keysFinding(await ask(`${issuer.href}/jwks`)),
    secretFinding(await ask(`${issuer.href}/token`, { headers: wrong, form })),
    authFinding(facts.auth),
  ];
};

/** Nothing is said where nobody asks for members. */
const absent = (answer: HttpAnswer, issuer: string, { mounted, auth }: Facts): Findings => {
  const has = mounted?.messenger.members === true;
  const what = `no OpenID provider answers at ${issuer}: ${inShort(answer)}`;
  const fix = has
    ? `${REACH} GET ${issuer}/.well-known/openid-configuration`
    : `Give genesysGuest() identify and members: { issuer: '${issuer}' }`;
  if (auth === 'required') {
    return fail(
      `The deployment lets only signed-in members chat, and ${what}`,
      `${fix}; until then allow session upgrade, or switch Authentication off, in ${CONFIGURATION}.`,
    );
  }
  if (has || ENVIRONMENT.some((name) => process.env[name])) {
    return fail(`Signed-in members are set up, and ${what}`, `${fix}.`);
  }
  if (auth !== 'upgrade') return [];
  return warn(
    'Authentication is on in the deployment, and the site has no members: nobody can sign in in Messenger',
    `${fix}, or switch Authentication off in ${CONFIGURATION}.`,
  );
};

/** Addresses of a machine or a private network, and names that only such a network knows. */
const PRIVATE =
  /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|0)(\.\d+)+$|^\[(::|f[cde])|^[^.[]+$|\.(local|localhost|internal)$/;

/** Whether Genesys Cloud can ask it, as far as a URL tells. */
export const isPublic = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' && !PRIVATE.test(hostname);

const notPublic = ({ href }: URL): Finding =>
  fail(
    `Genesys Cloud cannot ask ${href}: it takes https alone, from the internet`,
    'Run this with --url as the internet reaches the mount, and set members.issuer to that URL with /oidc.',
  );

/** Clients compare the two letter by letter (OpenID Connect Discovery, 4.3). */
const issuerFinding = (found: string, { href }: URL): Finding =>
  found === href
    ? pass(`The OpenID provider answers, and its issuer is ${href}`)
    : fail(
        `The issuer is ${found.slice(0, 200)}, and was found at ${href}: Genesys Cloud refuses it`,
        `Set members.issuer: '${href}', letter by letter, and the discovery URI in Admin to match; or run this with --url of that issuer.`,
      );

const keysFinding = (answer: HttpAnswer): Finding => {
  const keys = answer.status === 200 && field(answer, 'keys');
  const known = (Array.isArray(keys) ? keys : []).filter(
    (key) => key?.kty === 'RSA' && typeof key.kid === 'string' && key.kid !== '',
  );
  return known.length > 0
    ? pass(`Signing keys are published: ${known.length}`)
    : fail(
        `/oidc/jwks has no RSA key with a kid (${inShort(answer)}): no ID token can be verified`,
        `${REACH} GET /oidc/jwks; its keys are those of members.signingKeys.`,
      );
};

const secretFinding = (answer: HttpAnswer): Finding =>
  answer.status === 401 && field(answer, 'error') === 'invalid_client'
    ? pass('The token endpoint refuses a wrong client secret')
    : fail(
        `A wrong client secret is not answered 401 invalid_client at /oidc/token: ${inShort(answer)}`,
        `${REACH} POST /oidc/token, with its Authorization header and body unchanged.`,
      );

const authFinding = (auth: AuthMode | undefined): Finding => {
  if (auth === undefined) return skip("Authentication in the deployment: its config.json doesn't say");
  if (auth === 'required') return pass('The deployment lets only signed-in members chat');
  if (auth === 'upgrade') return pass('The deployment lets visitors chat, and sign in while they do');
  return warn(
    'Authentication is off in the deployment: members chat as anonymous visitors do',
    `Switch Authentication on in ${CONFIGURATION}.`,
  );
};
