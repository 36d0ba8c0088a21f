// The client library of the field accepts this provider in every way that it offers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as client from 'openid-client';
import { expect, test } from 'vitest';
import {
  APP_REDIRECT,
  authCode,
  CLIENT_ID,
  CLIENT_SECRET,
  createRig,
  MEMBER,
  VERIFIER,
} from './testing/rig.ts';
import { handlerOf, startServer, withParsers } from './testing/site.ts';

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** A provider whose issuer is where it listens, so that discovery is real. */
const startSite = async (wrap: (handler: Handler) => Handler) => {
  let rig: ReturnType<typeof createRig> | undefined;
  const members = () => {
    if (!rig) throw new Error('The site is not up yet');
    return rig.members;
  };
  const origin = await startServer(wrap(handlerOf(members, () => ({ ...MEMBER, authTime: now() - 60 }))));
  const made = createRig({ issuer: `${origin}/chat/oidc`, now: Date.now });
  rig = made;
  return { origin, issuer: made.settings.issuer, members: made.members };
};

const now = (): number => Math.floor(Date.now() / 1_000);

const AUTHENTICATIONS = [
  ['client_secret_basic', client.ClientSecretBasic],
  ['client_secret_post', client.ClientSecretPost],
] as const;
const SITES = [
  ['bare node:http', (handler: Handler) => handler],
  ['Express with body parsers', withParsers],
] as const;
const CASES = SITES.flatMap(([site, wrap]) =>
  AUTHENTICATIONS.map(([name, auth]) => [site, name, wrap, auth] as const),
);

test.each(CASES)('on %s, by %s', async (_site, _name, wrap, authentication) => {
  const { origin, issuer, members } = await startSite(wrap);
  const config = await client.discovery(
    new URL(issuer),
    CLIENT_ID,
    undefined,
    authentication(CLIENT_SECRET),
    { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
  );

  // A page's code, as Genesys Cloud redeems it, with and without `iss`.
  for (const iss of [undefined, issuer]) {
    const callback = new URL(origin);
    callback.searchParams.set('code', await authCode(members));
    if (iss) callback.searchParams.set('iss', iss);
    const checks = { pkceCodeVerifier: VERIFIER, expectedNonce: 'nonce-1', idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, callback, checks);
    expect(tokens.claims()).toMatchObject({ sub: 'member-1', iss: issuer, ...MEMBER.claims });
    expect(tokens.expires_in).toBe(3_600);
    const userinfo = await client.fetchUserInfo(config, tokens.access_token, 'member-1');
    expect(userinfo).toEqual({ sub: 'member-1', ...MEMBER.claims });
  }

  // An app's code, from the authorization endpoint, with and without nonce, state and max_age.
  for (const full of [false, true]) {
    const verifier = client.randomPKCECodeVerifier();
    const [nonce, state] = [client.randomNonce(), client.randomState()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: APP_REDIRECT,
      scope: 'openid email profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(full && { nonce, state, max_age: '3600', prompt: 'none' }),
    });
    const { headers } = await fetch(url, { redirect: 'manual' });
    const checks = { pkceCodeVerifier: verifier, idTokenExpected: true };
    const more = { expectedNonce: nonce, expectedState: state, maxAge: 3_600 };
    const callback = new URL(headers.get('location') ?? '');
    const tokens = await client.authorizationCodeGrant(
      config,
      callback,
      full ? { ...checks, ...more } : checks,
    );
    expect(tokens.claims()).toMatchObject({ sub: 'member-1', auth_time: expect.any(Number) });
  }
});

test('says what an error is in words that the library understands', async () => {
  const { origin, issuer } = await startSite((handler) => handler);
  const config = await client.discovery(new URL(issuer), CLIENT_ID, CLIENT_SECRET, undefined, {
    execute: [client.allowInsecureRequests],
  });
  const used = client.authorizationCodeGrant(config, new URL(`${origin}/?code=nonsense`), {
    pkceCodeVerifier: VERIFIER,
  });
  await expect(used).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
});
