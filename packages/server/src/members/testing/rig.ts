// For tests of this room: members on ports in memory, with a clock that the test sets and a log that it can read.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { createMembers, type Members } from '../members.ts';
import type {
  Cipher,
  ErrorCode,
  MemberIdentity,
  MembersAnswer,
  MembersOptions,
  MembersPorts,
  MembersRequest,
  SingleUseStore,
} from '../ports.ts';

export const ISSUER = 'https://www.example.com/chat/oidc';
export const ORIGIN = 'https://www.example.com';
export const CLIENT_ID = 'genesys-messenger_1';
export const CLIENT_SECRET = 'Secret-of_the-client-0123456789-abc';
export const APP_REDIRECT = 'https://app.example.com/claimed/callback';
export const WEBCHAT = 'web-1';
export const MEMBER: MemberIdentity = {
  externalId: 'member-1',
  claims: { email: 'ada@example.com', given_name: 'Ada', family_name: 'Lovelace' },
};

export const newKey = (bits = 2_048): string =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;

export const KEY = newKey();

/** As the site's own: AES-256-GCM, `v1.<key id>.<base64url>`. The first secret encrypts, all decrypt. */
export const cipherOf = (secrets: readonly string[], purpose: string): Cipher => {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)));
  const open = (key: Buffer, body: Buffer, aad: string): string | undefined => {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, 12), { authTagLength: 16 })
        .setAAD(Buffer.from(aad))
        .setAuthTag(body.subarray(-16));
      return decipher.update(body.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined;
    }
  };
  return {
    encrypt: (text, aad) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys[0] as Buffer, nonce).setAAD(Buffer.from(aad));
      const body = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return `v1.abcdefgh.${Buffer.concat(body).toString('base64url')}`;
    },
    decrypt: (encrypted, aad) => {
      const body = Buffer.from(encrypted.split('.')[2] ?? '', 'base64url');
      return keys.map((key) => open(key, body, aad)).find((text) => text !== undefined);
    },
  };
};

/** What several instances share. `broken`: nothing can be recorded. */
export const createStore = () => {
  const owners = new Map<string, string>();
  const state = { broken: false, keys: owners };
  const first = (id: string, owner: string): string => {
    if (state.broken) throw new Error('the store is away');
    const known = owners.get(id);
    owners.set(id, known ?? owner);
    return known ?? owner;
  };
  const store: SingleUseStore = {
    spend: async (id) => {
      const isNew = !owners.has(id);
      first(id, '');
      return isNew;
    },
    claim: async (id, owner) => first(id, owner) === owner,
  };
  return Object.assign(state, { store });
};

/** The error of the surroundings, with the code that a test asks about. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly retryAfter: number | undefined;
  constructor(code: ErrorCode, detail: string, retryAfter?: number) {
    super(detail);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export interface RigOptions extends Partial<MembersOptions> {
  readonly secrets?: readonly string[];
  readonly shared?: ReturnType<typeof createStore>;
  readonly now?: () => number;
}

export const createPorts = ({ secrets = ['s'.repeat(32)], shared = createStore(), now }: RigOptions = {}) => {
  const clock = { time: Date.parse('2026-03-01T12:00:00Z') };
  const lines: string[] = [];
  const counts = new Map<string, number>();
  const ports: MembersPorts = {
    ciphers: { code: cipherOf(secrets, 'code'), accessToken: cipherOf(secrets, 'access-token') },
    tagKeys: secrets.map((secret) => ({
      id: createHash('sha256').update(`id ${secret}`).digest('base64url').slice(0, 8),
      key: Buffer.from(secret),
    })),
    store: shared.store,
    limiter: {
      consume: async (key) => {
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return (counts.get(key) ?? 0) > 10 ? 42 : undefined;
      },
    },
    now: now ?? (() => clock.time),
    randomBytes,
    log: (level, message, fields) => void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    error: (code, detail, retryAfter) => new CodedError(code, detail, retryAfter),
  };
  const pass = (seconds: number): void => {
    clock.time += seconds * 1_000;
  };
  return { ports, shared, lines, clock, pass };
};

export const createRig = (options: RigOptions = {}) => {
  const { secrets: _secrets, shared: _shared, now: _now, ...own } = options;
  const made = createPorts(options);
  const settings: MembersOptions = {
    issuer: ISSUER,
    webchatId: WEBCHAT,
    clientId: CLIENT_ID,
    clientSecrets: [CLIENT_SECRET],
    signingKeys: [KEY],
    redirectUris: [APP_REDIRECT],
    enabled: () => true,
    ...own,
  };
  return { ...made, settings, members: createMembers(settings, made.ports) };
};

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: MembersRequest['headers'];
  readonly query?: Readonly<Record<string, string>> | string;
  readonly body?: unknown;
  readonly sameOrigin?: boolean;
  readonly identity?: MemberIdentity | undefined;
}

export const requestOf = ({ method = 'GET', path, headers = {}, query, body, ...rest }: Asked) => ({
  method,
  path,
  headers,
  query: new URLSearchParams(query),
  body,
  sameOrigin: rest.sameOrigin ?? true,
  identify: async () => rest.identity,
});

export const ask = async (router: Pick<Members, 'handle'>, asked: Asked): Promise<MembersAnswer> => {
  const answer = await router.handle(requestOf(asked));
  if (!answer) throw new Error(`${asked.path} is not an endpoint`);
  return answer;
};

export const bodyOf = ({ body }: MembersAnswer): Record<string, unknown> => JSON.parse(body ?? '{}');

export const VERIFIER = 'verifier-0123456789-0123456789-0123456789-abc';
export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** A code as a page gets it. */
export const authCode = async (members: Members, identity = MEMBER, more: object = {}): Promise<string> => {
  const body = { codeChallenge: challengeOf(VERIFIER), nonce: 'nonce-1', ...more };
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(members, { method: 'POST', path: '/auth-code', headers, body, identity });
  return String(bodyOf(answer)['authCode']);
};

export const basic = (id = CLIENT_ID, secret = CLIENT_SECRET): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Redeems a code as Genesys Cloud does. */
export const redeem = (
  members: Members,
  code: string,
  form: Readonly<Record<string, string>> = {},
): Promise<MembersAnswer> =>
  ask(members, {
    method: 'POST',
    path: '/oidc/token',
    headers: { authorization: basic(), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: ORIGIN,
      code_verifier: VERIFIER,
      ...form,
    }).toString(),
  });
