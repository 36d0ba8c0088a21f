// What is said of options that do not work, and what the environment fills in.
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ConfigurationError } from '../lib/errors.ts';
import { createIssues, type Issues } from '../lib/option-issues.ts';
import { createMembers } from './members.ts';
import { PROOF, resolveMembers, resolveProof } from './options-schema.ts';
import type { MembersOptions } from './ports.ts';
import { CLIENT_SECRET, createRig, ISSUER, KEY, newKey, ORIGIN } from './testing/rig.ts';

const GOOD = {
  issuer: ISSUER,
  clientId: 'messenger-1',
  clientSecret: CLIENT_SECRET,
  signingKeys: [KEY],
};

interface Given {
  readonly env?: Record<string, string>;
  readonly development?: boolean;
  readonly hasIdentify?: boolean;
}

const resolve = (options: object, { env = {}, development = false, hasIdentify = true }: Given = {}) => {
  const issues = createIssues();
  const identify = hasIdentify ? () => undefined : undefined;
  const resolved = resolveMembers(options as Record<string, unknown>, {
    ...{ env, issues, development, identify },
    webchatId: 'web-1',
  });
  return { resolved: resolved as MembersOptions, issues: listOf(issues) };
};

const listOf = ({ throwIfAny }: Issues): string[] => {
  try {
    throwIfAny();
    return [];
  } catch (error) {
    return (error as ConfigurationError).errors.map(({ field, message }) => `${field} ${message}`);
  }
};

test('a good set works, with its defaults', async () => {
  const { resolved, issues } = resolve(GOOD);
  expect(issues).toEqual([]);
  expect(resolved).toMatchObject({
    issuer: ISSUER,
    webchatId: 'web-1',
    clientId: 'messenger-1',
    clientSecrets: [CLIENT_SECRET],
    signingKeys: [KEY],
    redirectUris: [],
  });
  expect(await createMembers(resolved, createRig().ports).isEnabled()).toBe(true);
});

test('the switch is a boolean or a function', async () => {
  expect(await resolve({ ...GOOD, enabled: false }).resolved.enabled()).toBe(false);
  expect(await resolve({ ...GOOD, enabled: async () => false }).resolved.enabled()).toBe(false);
});

test('the environment fills in what is not given', () => {
  const pkcs1 = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey;
  const env = {
    GENESYS_GUEST_MEMBERS_CLIENT_ID: 'from-env',
    GENESYS_GUEST_MEMBERS_CLIENT_SECRET: `${'a'.repeat(32)}, ${'b'.repeat(32)}`,
    GENESYS_GUEST_MEMBERS_SIGNING_KEYS: `${KEY}\n${pkcs1}`.replaceAll('\n', '\\n'),
  };
  const { resolved, issues } = resolve({ issuer: ISSUER }, { env });
  expect(issues).toEqual([]);
  expect(resolved.clientId).toBe('from-env');
  expect(resolved.clientSecrets).toEqual(['a'.repeat(32), 'b'.repeat(32)]);
  expect(resolved.signingKeys.map((pem) => pem.trim())).toEqual([KEY.trim(), pkcs1.trim()]);
  expect(resolve(GOOD, { env }).resolved.clientId).toBe('messenger-1');
});

test('what is wrong in the environment is said of the variable', () => {
  const env = {
    GENESYS_GUEST_MEMBERS_CLIENT_ID: 'with space',
    GENESYS_GUEST_MEMBERS_CLIENT_SECRET: 'short',
    GENESYS_GUEST_MEMBERS_SIGNING_KEYS: 'no key',
  };
  const { issues } = resolve({ issuer: ISSUER }, { env });
  expect(issues.map((issue) => issue.split(/[[ ]/)[0])).toEqual(Object.keys(env));
  expect(issues.join()).not.toMatch(/with space|short|no key/);
});

test('what is missing is said once, with how to give it', () => {
  const { issues } = resolve({});
  expect(issues).toHaveLength(4);
  for (const name of ['_CLIENT_ID', '_CLIENT_SECRET', '_SIGNING_KEYS']) {
    expect(issues.join('\n')).toContain(`or the environment variable GENESYS_GUEST_MEMBERS${name}`);
  }
  expect(issues.join('\n')).toContain('members.issuer is missing');
});

test('members without identify cannot work', () => {
  expect(resolve(GOOD, { hasIdentify: false }).issues).toEqual([
    'members needs `identify`: without it nobody is ever signed in',
  ]);
});

test.each([
  ['issuer', 'chat/oidc', 'must be the full URL'],
  ['issuer', 'ftp://www.example.com/oidc', 'must be the full URL'],
  ['issuer', 'https://www.example.com/chat', 'must end with /oidc'],
  ['issuer', 'https://www.example.com/chat/oidc/', 'must end with /oidc'],
  ['issuer', 'https://www.example.com/oidc?x=1', 'without user name'],
  ['issuer', 'https://www.example.com/oidc?', 'without user name'],
  ['issuer', 'https://a:b@www.example.com/oidc', 'without user name'],
  ['issuer', 'https://WWW.example.com:443/oidc', "'https://www.example.com/oidc'"],
  ['issuer', 'http://www.example.com/oidc', 'must be an https URL outside development'],
  ['issuer', 1, 'must be a URL'],
  ['clientId', 'a.b', 'letters, digits, - and _'],
  ['clientId', '', '1 to 255'],
  ['clientSecret', 'short', '32 to 255'],
  ['clientSecret', `${'a'.repeat(32)}+`, 'letters, digits, - and _'],
  ['clientSecret', [], '32 to 255'],
  ['clientSecret', ['a'.repeat(32), 'short'], '32 to 255'],
  ['signingKeys', [], 'must be an array of one PEM or more'],
  ['signingKeys', KEY, 'must be an array of one PEM or more'],
  ['signingKeys', [newKey(1_024)], '2,048 bits or more'],
  ['signingKeys', ['nonsense'], '2,048 bits or more'],
  ['redirectUris', ['com.example.app:/callback'], 'must be one full https URL'],
  ['redirectUris', ['http://app.example.com/'], 'must be one full https URL'],
  ['redirectUris', ['https://*.example.com/'], 'must be one full https URL'],
  ['redirectUris', ['https://app.example.com/#x'], 'must be one full https URL'],
  ['redirectUris', ['https://app.example.com/\n'], 'must be one full https URL'],
  ['redirectUris', [ORIGIN], 'own redirect URI'],
  ['redirectUris', [`${ORIGIN}/`], 'own redirect URI'],
  ['enabled', 'yes', 'must be true, false or a function'],
])('%s %j is refused', (name, value, words) => {
  const { issues } = resolve({ ...GOOD, [name]: value });
  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatch(new RegExp(`^members\\.${name}`));
  expect(issues[0]).toContain(words);
});

test('keys of other kinds and keys with a passphrase are refused, and never shown', () => {
  const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' } } as const;
  const elliptic = generateKeyPairSync('ec', {
    ...pem,
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const locked = generateKeyPairSync('rsa', {
    ...pem,
    modulusLength: 2_048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  });
  for (const key of [elliptic.privateKey, locked.privateKey, locked.publicKey]) {
    const { issues } = resolve({ ...GOOD, signingKeys: [KEY, key] });
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(/^members\.signingKeys\[1\] must be the PEM of an RSA private key/);
    expect(issues[0]).not.toContain(key.slice(30, 60));
  }
});

test('http and loopback do for development', () => {
  const options = { ...GOOD, issuer: 'http://localhost:3000/chat/oidc' };
  expect(resolve(options, { development: true }).issues).toEqual([]);
});

test('proof is off, a switch, or an object with the secret of /verify', () => {
  const secret = 'p'.repeat(32);
  const proofOf = (value: unknown) => resolveProof(PROOF.parse(value), 'web-1');
  expect(resolveProof(undefined, 'web-1')).toBe(undefined);
  expect(proofOf(false)).toBe(undefined);
  expect(proofOf(true)).toEqual({ webchatId: 'web-1', secrets: [] });
  expect(proofOf({ secret })).toEqual({ webchatId: 'web-1', secrets: [secret] });
  expect(proofOf({ secret: [secret] })).toEqual({ webchatId: 'web-1', secrets: [secret] });
  for (const wrong of ['yes', {}, { secret: 'short' }, { secret, secrets: [secret] }]) {
    const [issue, ...others] = PROOF.safeParse(wrong).error?.issues ?? [];
    expect(others).toEqual([]);
    expect(issue?.message).toBeTruthy();
  }
});
