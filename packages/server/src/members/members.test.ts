// What all endpoints have in common: discovery, CORS, methods, and that nothing secret is logged.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { MemberIdentity } from './ports.ts';
import {
  ask,
  authCode,
  basic,
  bodyOf,
  CLIENT_SECRET,
  createRig,
  ISSUER,
  KEY,
  redeem,
  VERIFIER,
} from './testing/rig.ts';

const DISCOVERY = '/oidc/.well-known/openid-configuration';
const PATHS = ['/auth-code', DISCOVERY, '/oidc/jwks', '/oidc/token', '/oidc/userinfo', '/oidc/authorize'];
const PUBLIC = [DISCOVERY, '/oidc/jwks'];

test('discovery is the same bytes whatever Host, proxy header and case of the path', async () => {
  const { members } = createRig();
  const [first, ...others] = await Promise.all([
    ask(members, { path: DISCOVERY }),
    ask(members, { path: DISCOVERY, headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' } }),
    ask(members, {
      path: DISCOVERY,
      headers: { 'x-forwarded-prefix': '/x', forwarded: 'host=evil.example' },
    }),
    ask(members, { path: DISCOVERY.toUpperCase() }),
    ask(members, { path: DISCOVERY, method: 'HEAD' }),
  ]);
  expect(bodyOf(first as never)).toEqual({
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    userinfo_endpoint: `${ISSUER}/userinfo`,
    jwks_uri: `${ISSUER}/jwks`,
    scopes_supported: ['openid', 'profile', 'email'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    claims_supported: [
      'iss',
      'sub',
      'aud',
      'iat',
      'exp',
      'auth_time',
      'nonce',
      'email',
      'given_name',
      'family_name',
    ],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  });
  for (const other of others) expect(other).toEqual(first);
});

test('only discovery and JWKS are public: cacheable, with CORS and without Vary on cookies', async () => {
  const { members } = createRig();
  for (const path of PATHS) {
    for (const method of ['OPTIONS', 'DELETE', 'GET']) {
      if (path === '/auth-code' && method === 'GET') continue;
      const query = 'client_id=nobody';
      const { headers } = await ask(members, { path, method, query });
      const isPublic = PUBLIC.includes(path);
      expect(headers['Access-Control-Allow-Origin']).toBe(isPublic ? '*' : undefined);
      expect(headers).not.toHaveProperty('Access-Control-Allow-Credentials');
      const isCacheable = isPublic && method === 'GET';
      expect(headers['Cache-Control']).toBe(isCacheable ? 'public, max-age=3600' : 'no-store');
      expect(headers['Vary']).toBe(isCacheable ? 'Accept-Encoding' : 'Cookie, Origin');
    }
  }
});

test.each([
  ['/auth-code', 'GET', 'POST, OPTIONS'],
  ['/oidc/token', 'GET', 'POST, OPTIONS'],
  [DISCOVERY, 'POST', 'GET, HEAD, OPTIONS'],
  ['/oidc/jwks', 'POST', 'GET, HEAD, OPTIONS'],
  ['/oidc/userinfo', 'PUT', 'GET, HEAD, POST, OPTIONS'],
  ['/oidc/authorize', 'DELETE', 'GET, HEAD, POST, OPTIONS'],
])('%s takes no %s', async (path, method, allow) => {
  const answer = await ask(createRig().members, { path, method });
  expect(answer.status).toBe(405);
  expect(answer.headers['Allow']).toBe(allow);
  expect(bodyOf(answer)).toMatchObject({ code: 'method_not_allowed', status: 405 });
});

test('other paths are left to the site', async () => {
  const { members } = createRig();
  for (const path of ['/', '/oidc', '/oidc/', '/oidc/token/', '/config', 'constructor', '/__proto__']) {
    expect(members.has(path)).toBe(false);
    const request = { method: 'GET', path, headers: {}, query: new URLSearchParams(), body: undefined };
    expect(await members.handle({ ...request, sameOrigin: true, identify: async () => undefined })).toBe(
      undefined,
    );
  }
});

describe('the canary', () => {
  test('no code, verifier, secret, token or claim is logged, stored or told in an error', async () => {
    const rig = createRig({ clientSecrets: [CLIENT_SECRET] });
    const { members, lines, shared } = rig;
    const identity: MemberIdentity = {
      externalId: 'canary-member',
      claims: { email: 'canary@example.com', given_name: 'Canary-given', family_name: 'x'.repeat(200) },
      authTime: 9_999_999_999,
    };
    const errors: unknown[] = [];
    const note = (error: unknown) => void errors.push(error);
    const code = await authCode(members, identity, { nonce: 'canary-nonce' });
    const spare = await authCode(members, identity, { nonce: 'canary-nonce' });
    const good = bodyOf(await redeem(members, code));
    const verifier = 'canary-verifier'.padEnd(50, 'x');
    const answers = [await redeem(members, code), await redeem(members, spare, { code_verifier: verifier })];
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const token = { method: 'POST', path: '/oidc/token' };
    const wrong = { ...form, authorization: basic('canary-client', 'canary-secret') };
    answers.push(await ask(members, { ...token, headers: wrong, body: `code=${spare}` }));
    answers.push(await ask(members, { ...token, headers: form, body: `code=${spare}&code=${spare}` }));
    const bearer = { authorization: `Bearer ${spare}` };
    answers.push(await ask(members, { path: '/oidc/userinfo', headers: bearer }));
    answers.push(await ask(members, { path: '/oidc/authorize', query: { redirect_uri: 'canary://uri' } }));
    await authCode(members, identity, { member: 'canary-tag' }).catch(note);
    await authCode(members, { ...identity, externalId: 'canary\nmember' }).catch(note);
    shared.broken = true;
    answers.push(await redeem(members, spare));
    await authCode(members, identity).catch(note);

    expect(lines.length).toBeGreaterThanOrEqual(8);
    expect(errors).toHaveLength(3);
    expect(answers.every(({ status }) => status >= 400)).toBe(true);
    const told = [
      ...lines,
      ...errors.map((error) => JSON.stringify([String(error), error])),
      ...[...shared.keys].flat(),
      ...answers.map((answer) => JSON.stringify(answer)),
    ].join('\n');
    expect(decodeJwt(String(good['id_token'])).sub).toBe('canary-member');
    const secrets = [code, spare, VERIFIER, CLIENT_SECRET, 'nonce-1', ...Object.values(good).map(String)];
    for (const secret of [...secrets, KEY.slice(60, 90)].filter((value) => value.length > 6)) {
      expect(told).not.toContain(secret);
    }
    expect(told.toLowerCase()).not.toContain('canary');
  });
});
