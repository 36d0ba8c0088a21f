// The options `members` and `proof`: what each field must be, with the words that say how to mend it.
import { z } from 'zod';
import { checkFields, type Environment, type Issues } from '../lib/option-issues.ts';
import { isPageRedirectUri } from './codes.ts';
import type { MembersOptions, ProofOptions } from './ports.ts';
import { readSigningKey } from './signing-keys.ts';

const SECRET_LENGTH = 32;
const SECRET_ERROR = `must be a string of ${SECRET_LENGTH} to 255 letters, digits, - and _, such as \`openssl rand -hex 32\` prints`;
const ID_ERROR = 'must be a string of 1 to 255 letters, digits, - and _';

const secret = z.string({ error: SECRET_ERROR }).regex(/^[\w-]{32,255}$/, { error: SECRET_ERROR });
const list = <T extends z.ZodType>(entry: T, error: string) => z.array(entry, { error }).min(1, { error });

const issuer = z.string({ error: 'must be a URL, a string' }).superRefine((value, context) => {
  const message = issuerIssue(value);
  if (message) context.addIssue({ code: 'custom', message });
});

const issuerIssue = (value: string): string | undefined => {
  const example = "such as 'https://www.example.com/chat/oidc'";
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return `must be the full URL of the mount's /oidc, ${example}`;
  if (url.username || url.password || /[?#]/.test(value)) {
    return 'must be a URL without user name, password, query and fragment';
  }
  if (!url.pathname.endsWith('/oidc')) return `must end with /oidc, below the mount path, ${example}`;
  // Clients compare issuers letter by letter (OpenID Connect Discovery, 4.3).
  return url.href === value ? undefined : `must be written as browsers do: '${url.href}'`;
};

const redirectUri = z.string({ error: 'must be a URL, a string' }).refine(
  (value) => {
    const url = /^[\x21-\x7e]+$/.test(value) && URL.canParse(value) ? new URL(value) : undefined;
    return url?.protocol === 'https:' && !url.username && !url.password && !/[#*]/.test(value);
  },
  {
    error:
      'must be one full https URL that the app has claimed, without fragment or *: apps get no custom schemes',
  },
);

const signingKey = z.string({ error: 'must be a PEM, a string' }).superRefine((value, context) => {
  try {
    readSigningKey(value);
  } catch {
    context.addIssue({ code: 'custom', message: KEY_ERROR });
  }
});

const KEY_ERROR =
  'must be the PEM of an RSA private key of 2,048 bits or more, without a passphrase, such as `openssl genrsa 2048` prints';

type Enabled = boolean | (() => boolean | Promise<boolean>);

/** One, or several while one is replaced. */
export const SECRET = z.union([secret, list(secret, SECRET_ERROR)], {
  error: `${SECRET_ERROR}, or an array of such strings while one is replaced`,
});

export const MEMBERS_FIELDS = {
  issuer,
  clientId: z.string({ error: ID_ERROR }).regex(/^[\w-]{1,255}$/, { error: ID_ERROR }),
  clientSecret: SECRET,
  signingKeys: list(signingKey, 'must be an array of one PEM or more; the first signs, all are published'),
  redirectUris: z.array(redirectUri, { error: 'must be an array of https URLs' }),
  enabled: z.custom<Enabled>((value) => typeof value === 'boolean' || typeof value === 'function', {
    error: 'must be true, false or a function that returns one of them',
  }),
};

export const PROOF = z.union([z.boolean(), z.strictObject({ secret: SECRET })], {
  error: `must be true, false or { secret }, where secret ${SECRET_ERROR}`,
});

interface Surroundings {
  readonly env: Environment;
  readonly issues: Issues;
  readonly development: boolean;
  readonly webchatId: string;
  /** The site's own, without which nobody is ever signed in. */
  readonly identify: unknown;
}

const toList = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;

const VARIABLES = {
  clientId: { variable: 'GENESYS_GUEST_MEMBERS_CLIENT_ID' },
  clientSecret: {
    variable: 'GENESYS_GUEST_MEMBERS_CLIENT_SECRET',
    read: (text: string): unknown => text.split(',').map((value) => value.trim()),
  },
  signingKeys: {
    variable: 'GENESYS_GUEST_MEMBERS_SIGNING_KEYS',
    // One PEM after the other. Many places that keep variables cannot hold a line break and write `\n`.
    read: (text: string): unknown =>
      text.replaceAll('\\n', '\n').match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [text],
  },
};

/**
 * Resolves the options, some of which may stand in the environment. The result may be used only if there is no issue.
 * @param given the option as the site wrote it
 */
export const resolveMembers = (
  given: Readonly<Record<string, unknown>> | undefined,
  { env, issues, development, webchatId, identify }: Surroundings,
): MembersOptions | undefined => {
  if (!given) return undefined;
  const { add: addIssue } = issues;
  const checked = checkFields(MEMBERS_FIELDS, given, issues, 'members', { env, variables: VARIABLES });
  if (given['issuer'] === undefined) {
    addIssue('members.issuer', "is missing: set it to the full URL of the mount's /oidc");
  }
  if (!identify) addIssue('members', 'needs `identify`: without it nobody is ever signed in');
  const { issuer: url = 'http://unset.invalid/oidc', redirectUris = [], enabled = true } = checked;
  if (!development && checked.issuer?.startsWith('http:')) {
    addIssue(
      'members.issuer',
      'must be an https URL outside development: Genesys Cloud asks it over the internet',
    );
  }
  for (const [index, uri] of redirectUris.entries()) {
    if (!isPageRedirectUri(uri, url)) continue;
    addIssue(
      `members.redirectUris[${index}]`,
      "is the page's own redirect URI: give the app a path of its own",
    );
  }
  return {
    issuer: url,
    webchatId,
    clientId: checked.clientId ?? '',
    clientSecrets: toList(checked.clientSecret ?? []),
    signingKeys: checked.signingKeys ?? [],
    redirectUris,
    enabled: typeof enabled === 'function' ? enabled : () => enabled,
  };
};

/** `undefined` where there are no proofs. */
export const resolveProof = (
  proof: z.output<typeof PROOF> | undefined,
  webchatId: string,
): ProofOptions | undefined =>
  proof ? { webchatId, secrets: proof === true ? [] : toList(proof.secret) } : undefined;
