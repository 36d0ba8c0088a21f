// What a refusal of the platform means: how it counts, what the operator reads, and what is never repeated.
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import type { Call } from '../observe/ports.ts';
import { HttpError } from './http-client.ts';
import { errorOfAnswer, errorOfHttp, nonsense, parseJson, toGuestTokenError } from './upstream-error.ts';

const ID = '2f4c1b0e-9d1a-4a6e-8c55-0a1b2c3d4e5f';

const refused = (status: number, body: unknown = {}, call: Call = 'guest-tokens', headers = {}) =>
  errorOfAnswer(call, { status, headers, text: JSON.stringify(body) });

describe('what an answer means', () => {
  it.each<[Call, number, string, RegExp]>([
    ['oauth', 400, 'upstream_rejected', /clientId, clientSecret.*Client Credentials/],
    ['oauth', 401, 'upstream_rejected', /clientId and clientSecret.*`region`/],
    ['oauth', 403, 'upstream_rejected', /OAuth client is active/],
    ['oauth', 404, 'upstream_rejected', /`region` and `endpoints.oauthToken`/],
    ['oauth', 429, 'upstream_limited', /Lower upstream.perMinute/],
    ['oauth', 503, 'upstream_unavailable', /status page/],
    ['guest-tokens', 302, 'upstream_unavailable', /Redirects are not followed/],
    ['guest-tokens', 400, 'upstream_rejected', /externalId, the attributes, webchatId and tokenLifetime/],
    ['guest-tokens', 401, 'upstream_rejected', /did not take the access token/],
    ['guest-tokens', 403, 'upstream_rejected', /scope webchat:guest-token:create/],
    ['guest-tokens', 404, 'upstream_rejected', /`endpoints.guestTokens`.*`source: 'none'`/],
    ['guest-tokens', 408, 'upstream_unavailable', /what a proxy between might do/],
    ['guest-tokens', 409, 'upstream_unavailable', /what a proxy between might do/],
    ['guest-tokens', 418, 'upstream_rejected', /what a proxy between might do/],
    ['guest-tokens', 429, 'upstream_limited', /Lower upstream.perMinute/],
    ['guest-tokens', 499, 'upstream_rejected', /what a proxy between might do/],
    ['guest-tokens', 500, 'upstream_unavailable', /status page/],
  ])('%s %i: %s', (call, status, code, fix) => {
    const error = toGuestTokenError(refused(status, {}, call));
    expect(error.code).toBe(code);
    const name = call === 'oauth' ? 'OAuth' : 'guest-token';
    expect(error.message).toMatch(new RegExp(`^The ${name} call failed\\. HTTP ${status}.*\\. `));
    expect(error.message).toMatch(fix);
  });

  it.each<[number, Call, boolean]>([
    [408, 'guest-tokens', true],
    [504, 'guest-tokens', true],
    [503, 'guest-tokens', false],
    [504, 'oauth', false],
  ])('%i of %s leaves a doubt: %s', (status, call, doubtful) => {
    const { failure } = refused(status, {}, call);
    expect(failure.doubtful).toBe(doubtful);
    expect(failure.reason).toBe(
      `HTTP ${status}${doubtful ? '; it may have issued a token all the same' : ''}`,
    );
  });

  it('says first what the one who asked knows', () => {
    const answer = { status: 401, headers: {}, text: '' };
    expect(errorOfAnswer('oauth', answer, undefined, 'The secret is old. ').failure.fix).toMatch(
      /^The secret is old\. Check/,
    );
  });
});

describe('of an answer is repeated', () => {
  it.each([
    ...['invalid_request', 'invalid_client', 'invalid_grant', 'invalid_scope'],
    ...['unauthorized_client', 'unsupported_grant_type'],
  ])("OAuth's %s", (error) => {
    expect(refused(400, { error }, 'oauth').message).toBe(`HTTP 400: ${error}`);
  });

  it.each([
    ...['bad.request', 'invalid.value', 'invalid.date', 'not.found', 'unsupported.media.type'],
    ...['authentication.required', 'bad.credentials', 'credentials.expired'],
    ...['not.authorized', 'missing.permissions', 'missing.any.permissions'],
    ...['too.many.requests', 'too.many.requests.retry.after', 'internal.server.error'],
    ...['service.unavailable', 'request.timeout', 'authentication.request.timeout'],
  ])("the platform's %s", (code) => {
    expect(refused(400, { code, error: 7 }).message).toBe(`HTTP 400: ${code}`);
  });

  it.each([
    ['a code that nobody publishes', { code: 'emulator-secret' }],
    ['a message', { message: 'emulator-secret' }],
    ['a code that is no text', { code: { secret: 'emulator-secret' } }],
    ['what is no JSON', 'emulator-secret'],
  ])('not %s', (_name, body) => {
    const { failure } = refused(400, body);
    expect(failure.reason).toBe('HTTP 400');
    expect(JSON.stringify(failure)).not.toContain('emulator-secret');
  });

  it.each<[string, object, string | undefined]>([
    [ID, {}, ID],
    [ID.replaceAll('-', '').toUpperCase(), {}, ID.replaceAll('-', '').toUpperCase()],
    ['', { contextId: ID }, ID],
    [`secret ${ID}`, { contextId: `${ID} secret` }, undefined],
    ['not an id', { contextId: 7 }, undefined],
  ])('the id of the call only where it is one: %j %j', (header, body, id) => {
    const { failure } = refused(400, body, 'guest-tokens', { 'inin-correlation-id': header });
    expect(failure.correlationId).toBe(id);
    expect(
      toGuestTokenError(refused(429, body, 'oauth', { 'inin-correlation-id': header })).correlationId,
    ).toBe(id);
  });
});

describe('callers are told when to ask again', () => {
  const told = (status: number, retryAfter?: number) =>
    toGuestTokenError(errorOfAnswer('oauth', { status, headers: {}, text: '' }, retryAfter)).retryAfter;

  it('as the platform names it, and never later than in 300 s', () => {
    expect([told(429, 7), told(503, 7), told(429, 86_400), told(503, 86_400)]).toEqual([7, 7, 300, 300]);
  });

  it('in 10 s of a limit and in 5 s of a failure where it names nothing; of a refusal never', () => {
    expect([told(429), told(429, 0), told(503), told(503, 0), told(403)]).toEqual([10, 10, 5, 5, undefined]);
  });

  it('what they are told already, they are told as it is', () => {
    const error = new GuestTokenError('guest_invalid', 'no');
    expect(toGuestTokenError(error)).toBe(error);
    expect(toGuestTokenError(new TypeError('secret'))).toMatchObject({
      code: 'upstream_unavailable',
      message: 'The call failed before it left',
      retryAfter: 5,
    });
  });
});

describe('no answer', () => {
  const url = 'https://api.example.com/path?secret';

  it.each<[Call, boolean, string]>([
    ['guest-tokens', true, '; it may have issued a token all the same'],
    ['guest-tokens', false, ''],
    ['oauth', true, ''],
  ])('of %s that was sent (%s)', (call, sent, doubt) => {
    const { failure } = errorOfHttp(call, url, new HttpError('timeout', 'gave nothing', sent));
    expect(failure).toMatchObject({ kind: 'transient', call, doubtful: doubt !== '' });
    expect(failure.reason).toBe(`timeout: api.example.com:443 gave nothing${doubt}`);
    expect(failure.fix).toMatch(/proxy and firewall/);
  });

  it('of a network that fails is told by its code, with its own mend', () => {
    const cause = Object.assign(new Error('secret'), { code: 'ECONNREFUSED' });
    const { failure } = errorOfHttp('oauth', url, new HttpError('network', 'failed', false, cause));
    expect(failure.reason).toMatch(/^network: api\.example\.com:443 refuses .* \(ECONNREFUSED\)$/);
    expect(failure.fix).toMatch(/host and port/);
  });
});

it.each<[Call, boolean]>([
  ['guest-tokens', true],
  ['oauth', false],
])('nonsense of %s with a good status is a failure that may pass', (call, doubtful) => {
  const answer = { status: 200, headers: { 'inin-correlation-id': ID }, text: '' };
  expect(nonsense(call, answer, 'it is none').failure).toMatchObject({
    ...{ kind: 'transient', call, status: 200, doubtful, correlationId: ID },
    reason: 'HTTP 200: it is none',
    fix: expect.stringContaining('no proxy answers in its place'),
  });
});

it('what is no JSON is undefined', () => {
  expect([parseJson('{'), parseJson('{"a":1}')]).toEqual([undefined, { a: 1 }]);
});
