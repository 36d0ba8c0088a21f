// What all endpoints have in common: one discovery for all, and that nothing secret is logged.
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
