// A small OpenID provider for tests, which can be told to lie in one point at a time.
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { readBody } from '../body.ts';
import type { OidcIntegration } from '../settings.ts';

export const CLIENT = { clientId: 'genesys', clientSecret: 'provider-secret' } as const;
export const REDIRECT_URI = 'https://shop.example';
export const ADA = {
  sub: 'member-1042',
  email: 'ada@shop.example',
  given_name: 'Ada',
  family_name: 'Lindqvist',
} as const;

/** What the provider does otherwise than it should. */
export interface Lie {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: { readonly alg?: string; readonly kid?: string };
  /** Leaves the ID token unsigned. */
  readonly unsigned?: boolean;
  /** Signs with a key that nobody was told of, under the right `kid`. */
  readonly forged?: boolean;
}

export interface TestProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly oidc: OidcIntegration;
  /** A code for a member, and what the page says with it. */
  code(
    claims?: Readonly<Record<string, unknown>>,
    nonce?: string,
  ): { code: string; redirectUri: string; codeVerifier: string };
  /** An ID token, as the implicit flow gives it to a page. */
  idToken(claims: Readonly<Record<string, unknown>>): Promise<string>;
  lie: Lie;
  /** Fields of the discovery document that replace the true ones. */
  metadata: Readonly<Record<string, unknown>>;
  /** What the token endpoint says of the access token's life, in seconds. */
  expiresIn: number;
  /** Claims that userinfo alone has. */
  userinfo: Readonly<Record<string, unknown>>;
  /** How clients proved themselves, the newest last. */
  readonly methods: string[];
  /** From now on another key signs, and it alone is published. */
  rotate(): Promise<void>;
}

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: object;
}

interface Grant {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly nonce: string | undefined;
  readonly challenge: string;
}

/** Two key pairs serve every test of a file: to make one takes longer than a test. */
const pairs = [0, 1].map(() => generateKeyPair('RS256'));

const createKey = async (pair: number): Promise<Key> => {
  const { privateKey, publicKey } = (await pairs[pair % 2]) as GenerateKeyPairResult;
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
};

const send = (res: ServerResponse, status: number, value: unknown) =>
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));

/** How the client proved itself; `undefined` where it did not. */
const methodOf = ({ headers }: IncomingMessage, form: URLSearchParams): string | undefined => {
  const { clientId, clientSecret } = CLIENT;
  // RFC 6749, 2.3.1: both are form-encoded before they are joined, and some clients encode even a hyphen.
  const [id = '', secret = ''] = Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64')
    .toString()
    .split(':', 2)
    .map((part) => decodeURIComponent(part));
  if (id === clientId && secret === clientSecret) return 'client_secret_basic';
  const posted = form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
  return posted ? 'client_secret_post' : undefined;
};

/** What the provider's routes work with; `lie` and what follows it are the test's to change. */
interface World
  extends Pick<TestProvider, 'issuer' | 'methods' | 'lie' | 'metadata' | 'expiresIn' | 'userinfo'> {
  readonly now: () => number;
  key: Key;
  readonly stranger: Key;
  readonly grants: Map<string, Grant>;
  /** Claims by access token. */
  readonly accounts: Map<string, Readonly<Record<string, unknown>>>;
}

const sign = async (world: World, claims: Readonly<Record<string, unknown>>): Promise<string> => {
  const { lie, key, stranger, issuer } = world;
  const at = Math.floor(world.now() / 1000);
  const payload = { iss: issuer, aud: CLIENT.clientId, iat: at, exp: at + 300, ...claims, ...lie.claims };
  const header = { alg: 'RS256', kid: key.kid, ...lie.header };
  if (lie.unsigned) {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${encode(header)}.${encode(payload)}.`;
  }
  return new SignJWT(payload).setProtectedHeader(header).sign((lie.forged ? stranger : key).privateKey);
};

const answerToken = async (world: World, req: IncomingMessage, res: ServerResponse) => {
  const form = new URLSearchParams(await readBody(req));
  const method = methodOf(req, form);
  if (method === undefined) return send(res, 401, { error: 'invalid_client' });
  world.methods.push(method);
  const code = form.get('code') ?? '';
  const grant = world.grants.get(code);
  world.grants.delete(code);
  const verified = grant?.challenge === challengeOf(form.get('code_verifier') ?? '');
  if (!grant || !verified || form.get('redirect_uri') !== REDIRECT_URI) {
    return send(res, 400, { error: 'invalid_grant' });
  }
  const accessToken = randomUUID();
  world.accounts.set(accessToken, grant.claims);
  const nonce = grant.nonce === undefined ? {} : { nonce: grant.nonce };
  return send(res, 200, {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: world.expiresIn,
    id_token: await sign(world, { ...grant.claims, ...nonce }),
  });
};

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

const answer = (world: World, req: IncomingMessage, res: ServerResponse): unknown => {
  const { issuer, metadata, key, accounts, userinfo } = world;
  if (req.url === '/token') return answerToken(world, req, res);
  if (req.url === '/jwks') return send(res, 200, { keys: [key.jwk] });
  if (req.url === '/userinfo') {
    const claims = accounts.get(String(req.headers.authorization).replace(/^bearer /i, ''));
    return claims ? send(res, 200, { ...claims, ...userinfo }) : send(res, 401, {});
  }
  return send(res, 200, {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    id_token_signing_alg_values_supported: ['RS256'],
    ...metadata,
  });
};

export const startProvider = async (now: () => number): Promise<TestProvider> => {
  const server = createServer((req, res) => void answer(world, req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = {
    now,
    issuer,
    key: await createKey(0),
    stranger: await createKey(1),
    grants: new Map<string, Grant>(),
    accounts: new Map<string, Readonly<Record<string, unknown>>>(),
    lie: {},
    metadata: {},
    expiresIn: 3600,
    userinfo: {},
    methods: [],
  } satisfies World;

  return Object.assign(world, {
    oidc: { ...CLIENT, discoveryUri: `${issuer}/.well-known/openid-configuration` },
    code(claims: Readonly<Record<string, unknown>> = ADA, nonce?: string) {
      const [code, codeVerifier] = [randomUUID(), `${randomUUID()}${randomUUID()}`];
      world.grants.set(code, { claims, nonce, challenge: challengeOf(codeVerifier) });
      return { code, redirectUri: REDIRECT_URI, codeVerifier };
    },
    idToken: (claims: Readonly<Record<string, unknown>>) => sign(world, claims),
    async rotate() {
      world.key = await createKey(1);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
};
