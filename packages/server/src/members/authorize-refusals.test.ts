// The authorization endpoint refuses what oidc-provider refuses, with the same codes.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { APP_REDIRECT } from './testing/rig.ts';
import { authorizeQuery, SUBJECTS } from './testing/subjects.ts';

// Only the time of day is set: sockets keep their timers.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-01T12:00:00Z') }));
afterEach(() => void vi.useRealTimers().restoreAllMocks());

interface AuthorizeCase {
  readonly name: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it is 303 the error is in the redirect, else in the body. */
  readonly status: number;
  readonly error: string;
  readonly tail?: string;
  readonly oracle?: { readonly status: number; readonly error: string; readonly why: string };
}

const request = { status: 400, error: 'invalid_request' };
const silent = { prompt: 'none' };
const uri = { status: 400, error: 'invalid_redirect_uri' };
const back = (error: string) => ({ status: 303, error });

const AUTHORIZE_CASES: readonly AuthorizeCase[] = [
  { name: 'nobody signed in', query: silent, ...back('login_required') },
  {
    name: 'an unknown client',
    query: { ...silent, client_id: 'nobody' },
    status: 400,
    error: 'invalid_client',
  },
  { name: 'no redirect URI', query: { ...silent, redirect_uri: undefined }, ...request },
  { name: 'a redirect URI that is not listed', query: { redirect_uri: 'https://evil.example/' }, ...uri },
  { name: 'a custom scheme', query: { redirect_uri: 'com.example.app:/callback' }, ...uri },
  {
    name: 'a redirect URI that begins like a listed one',
    query: { redirect_uri: `${APP_REDIRECT}.evil` },
    ...uri,
  },
  { name: 'a redirect URI with a query more', query: { redirect_uri: `${APP_REDIRECT}?x=1` }, ...uri },
  {
    name: 'a redirect URI in other case',
    query: { redirect_uri: APP_REDIRECT.replace('claimed', 'Claimed') },
    ...uri,
  },
  { name: 'no challenge', query: { ...silent, code_challenge: undefined }, ...back('invalid_request') },
  {
    name: 'a plain challenge',
    query: { ...silent, code_challenge_method: 'plain' },
    ...back('invalid_request'),
  },
  {
    name: 'a challenge without its method',
    query: { ...silent, code_challenge_method: undefined },
    ...back('invalid_request'),
  },
  {
    name: 'the implicit flow',
    query: { ...silent, response_type: 'id_token', nonce: 'nonce-1' },
    ...back('unsupported_response_type'),
  },
  { name: 'no response_type', query: { ...silent, response_type: undefined }, ...back('invalid_request') },
  { name: 'a request object', query: { ...silent, request: 'e30.e30.' }, ...back('request_not_supported') },
  {
    name: 'a request URI',
    query: { ...silent, request_uri: 'https://evil.example/' },
    ...back('request_uri_not_supported'),
  },
  { name: 'prompt none beside another', query: { prompt: 'none login' }, ...back('invalid_request') },
  { name: 'an unknown prompt', query: { prompt: 'sing' }, ...back('invalid_request') },
  { name: 'a max_age that is no number', query: { ...silent, max_age: 'old' }, ...back('invalid_request') },
  {
    name: 'a cross-site navigation',
    query: silent,
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
    ...back('login_required'),
  },
  {
    name: 'a state twice',
    query: silent,
    tail: '&state=state-2',
    ...request,
    oracle: { ...back('invalid_request'), why: 'ours redirects nothing that is ambiguous' },
  },
  { name: 'a redirect URI twice', query: silent, tail: `&redirect_uri=${APP_REDIRECT}`, ...request },
];

describe.each(SUBJECTS)('the authorization endpoint of %s', (name, start) => {
  const isOracle = name === 'oidc-provider';

  test.each(AUTHORIZE_CASES.map((one) => [one.name, one] as const))('refuses %s', async (_, one) => {
    const subject = await start();
    const query = new URLSearchParams(authorizeQuery(one.query));
    const response = await fetch(`${subject.authorize}?${query}${one.tail ?? ''}`, {
      redirect: 'manual',
      headers: { Accept: 'application/json', ...one.headers },
    });
    const wanted = isOracle && one.oracle ? one.oracle : one;
    expect(response.status).toBe(wanted.status);
    const location = response.headers.get('location');
    if (wanted.status === 303) {
      const { origin, pathname, search, hash } = new URL(location ?? '');
      expect(`${origin}${pathname}`).toBe(APP_REDIRECT);
      const answer = new URLSearchParams(search || hash.slice(1));
      expect(answer.get('error')).toBe(wanted.error);
      if (!one.tail) expect(answer.get('state')).toBe('state-1');
      expect(answer.has('code')).toBe(false);
    } else {
      expect(location).toBe(null);
      expect(await response.json()).toMatchObject({ error: wanted.error });
    }
  });
});
