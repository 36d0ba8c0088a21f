// Signed-in members: what is broken at the OpenID provider, on the way to it, or in the deployment.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { GenesysGuestOptions } from '@genesys-guest/server';
import { describe, expect, it } from 'vitest';
import {
  type Environment,
  expectNamed,
  findingsOf,
  GOOD_ENV,
  lineOf,
  platform,
  type SetUp,
} from '../testing/doctor.ts';
import { listen, type ProxyOptions, proxy, site } from '../testing/site.ts';
import type { Facts } from './check.ts';
import { readFlags } from './flags.ts';
import { isPublic, members } from './members-check.ts';
import { Run } from './runner.ts';

type Auth = NonNullable<Parameters<typeof platform>[0]>['auth'];

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const CLIENT_SECRET = 'canary-members-0123456789-abcdefghijkl';
const MEMBERS_ENV: Environment = { ...GOOD_ENV, GENESYS_GUEST_MEMBERS_CLIENT_SECRET: CLIENT_SECRET };

interface SiteOptions {
  readonly auth?: Auth;
  /** Below the mount path. `undefined`: the site has no members. */
  readonly issuer?: string | undefined;
  readonly proxy?: Omit<ProxyOptions, 'to'>;
}

/** A deployment, and a site behind a proxy. @returns what the command line says of them */
const start = async ({ auth = 'upgrade', issuer, proxy: options }: SiteOptions): Promise<string[]> => {
  const emulator = await platform({ auth });
  let backend = '';
  // The issuer must be known before the site starts.
  const front = await proxy('', { ...options, to: () => backend });
  const given: GenesysGuestOptions = issuer
    ? {
        identify: () => undefined,
        members: {
          issuer: `${front}/chat${issuer}`,
          clientId: 'genesys-messenger',
          clientSecret: CLIENT_SECRET,
          signingKeys: [PEM],
        },
      }
    : {};
  backend = await site(emulator, given);
  return ['--emulator', emulator.url, '--url', `${front}/chat`];
};

const membersOf = async (args: readonly string[], env: Environment = GOOD_ENV) => {
  const { findings, out } = await findingsOf(args, env);
  expect(out).not.toContain(CLIENT_SECRET);
  return findings.filter(({ check }) => check === 'members').map(lineOf);
};

describe('members of a site', () => {
  it.each<[Auth, string]>([
    ['upgrade', 'ok    The deployment lets visitors chat, and sign in while they do'],
    ['required', 'ok    The deployment lets only signed-in members chat'],
    ['off', 'warn  Authentication is off in the deployment: members chat as anonymous visitors do'],
  ])('are checked from discovery to the deployment, whose Authentication is: %s', async (auth, says) => {
    expect(await membersOf(await start({ auth, issuer: '/oidc' }), MEMBERS_ENV)).toEqual([
      'ok    The OpenID provider answers, and its issuer is http://127.0.0.1:<port>/chat/oidc',
      'ok    Signing keys are published: 1',
      'ok    The token endpoint refuses a wrong client secret',
      says,
    ]);
  });

  it('are no word of the doctor where nobody asks for them', async () => {
    expect(await membersOf(await start({ auth: 'off' }))).toEqual([]);
  });
});

interface OfMembers extends SetUp, SiteOptions {}

const NO_PROVIDER = 'no OpenID provider answers at http://127.0.0.1:<port>/chat/oidc: HTTP';

const refusing = (path: string): SiteOptions => ({
  issuer: '/oidc',
  proxy: { refuses: ({ url }) => url === `/chat/oidc${path}` },
});

describe('a broken set-up of members', () => {
  it.each<Omit<OfMembers, 'check'>>([
    {
      broken: 'an issuer of another path',
      issuer: '/other/oidc',
      sees: 'FAIL  The issuer is http://127.0.0.1:<port>/chat/other/oidc, and was found at http://127.0.0.1:<port>/chat/oidc: Genesys Cloud refuses it',
      fix: /^Set members\.issuer: 'http:\/\/127\.0\.0\.1:\d+\/chat\/oidc'/,
    },
    {
      broken: 'a firewall before the signing keys',
      ...refusing('/jwks'),
      sees: 'FAIL  /oidc/jwks has no RSA key with a kid (HTTP 403): no ID token can be verified',
      fix: /bot protection pass GET \/oidc\/jwks/,
    },
    {
      broken: 'CSRF protection before the token endpoint',
      ...refusing('/token'),
      sees: 'FAIL  A wrong client secret is not answered 401 invalid_client at /oidc/token: HTTP 403',
      fix: /CSRF protection and bot protection pass POST \/oidc\/token/,
    },
    {
      broken: 'a proxy that does not pass discovery on',
      ...refusing('/.well-known/openid-configuration'),
      sees: `FAIL  Signed-in members are set up, and ${NO_PROVIDER} 403`,
      fix: /^Mount the handler before what asks for a sign-in/,
    },
    {
      broken: 'an environment with members, and a site without',
      auth: 'off',
      env: MEMBERS_ENV,
      sees: `FAIL  Signed-in members are set up, and ${NO_PROVIDER} 404`,
      fix: /^Give genesysGuest\(\) identify and members: \{ issuer: 'http.*\/chat\/oidc' \}\.$/,
    },
    {
      broken: 'a deployment for members alone, and a site without',
      auth: 'required',
      sees: `FAIL  The deployment lets only signed-in members chat, and ${NO_PROVIDER} 404`,
      fix: /^Give genesysGuest\(\) identify.*allow session upgrade/,
    },
    {
      broken: 'a deployment with Authentication on, and a site without members',
      auth: 'upgrade',
      sees: 'warn  Authentication is on in the deployment, and the site has no members: nobody can sign in in Messenger',
      fix: /switch Authentication off/,
    },
  ])('is told for what it is: $broken', async (set) => {
    await expectNamed({ ...set, check: 'members' }, await start(set));
  });
});

describe('a provider that', () => {
  /** Runs this check alone, as without the emulator, whose provider may be on loopback. */
  const alone = async (mount: string, emulator?: string) => {
    const flags = readFlags(['--url', mount, ...(emulator ? ['--emulator', emulator] : [])]);
    const run = new Run(flags);
    run.learn({ mounted: { messenger: {} } as NonNullable<Facts['mounted']> });
    const lines: string[] = [];
    for await (const line of run.lines([['M', 'members', 'Members', members]])) lines.push(lineOf(line));
    return lines;
  };

  /** Answers every request with this document. */
  const answering = (status: number, body: object): Promise<string> =>
    listen(createServer((_, res) => res.writeHead(status).end(JSON.stringify(body))));

  it('cannot be asked from the internet is told so', async () => {
    const origin = await answering(200, { issuer: 'http://127.0.0.1/chat/oidc' });
    expect(await alone(`${origin}/chat`)).toContain(
      'FAIL  Genesys Cloud cannot ask http://127.0.0.1:<port>/chat/oidc: it takes https alone, from the internet',
    );
  });

  it.each([
    ['a key without kid', { keys: [{ kty: 'RSA' }] }],
    ['a key of another kind', { keys: [{ kty: 'EC', kid: '1' }, null] }],
    ['no keys', {}],
  ])('publishes %s, takes a wrong secret and leaves the deployment unknown is told so', async (_, jwks) => {
    const origin = await answering(200, { issuer: 'x\ny', error: 'invalid_client', ...jwks });
    expect(await alone(`${origin}/chat`, origin)).toEqual([
      'FAIL  The issuer is x?y, and was found at http://127.0.0.1:<port>/chat/oidc: Genesys Cloud refuses it',
      'FAIL  /oidc/jwks has no RSA key with a kid (HTTP 200): no ID token can be verified',
      'FAIL  A wrong client secret is not answered 401 invalid_client at /oidc/token: HTTP 200',
      "skip  Authentication in the deployment: its config.json doesn't say",
    ]);
  });
});

it.each([
  ['https://www.example.com/chat/oidc', true],
  ['https://10.example.com/chat/oidc', true],
  ['https://203.0.113.7/chat/oidc', true],
  ['http://www.example.com/chat/oidc', false],
  ['https://localhost/chat/oidc', false],
  ['https://backend/chat/oidc', false],
  ['https://shop.internal/chat/oidc', false],
  ['https://10.1.2.3/chat/oidc', false],
  ['https://172.20.0.2/chat/oidc', false],
  ['https://[::1]/chat/oidc', false],
  ['https://[fd00::1]/chat/oidc', false],
  ['https://[2001:db8::1]/chat/oidc', true],
])('%s can be asked from the internet: %s', (url, expected) => {
  expect(isPublic(new URL(url))).toBe(expected);
});
