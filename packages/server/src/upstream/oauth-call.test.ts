// The OAuth call of RFC 6749 (4.4): what is asked, what is taken for a grant, and how the site's own secret can fail.
import { describe, expect, it } from 'vitest';
import { askSecret, credentialHint, oauthRequest, readGrant } from './oauth-call.ts';

it('asks with client credentials', () => {
  expect(oauthRequest('https://login.example.com/oauth/token', 'id', 'pässword')).toEqual({
    url: 'https://login.example.com/oauth/token',
    headers: {
      authorization: `Basic ${btoa(unescape(encodeURIComponent('id:pässword')))}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: 'grant_type=client_credentials',
  });
});

describe('a grant', () => {
  const good = { access_token: 'abc~DEF.123', token_type: 'bearer', expires_in: 60 };
  const read = (body: unknown) => readGrant({ status: 200, headers: {}, text: JSON.stringify(body) }, 1_000);

  it('lives from when it was asked for', () => {
    expect(read(good)).toEqual({ value: 'abc~DEF.123', issuedAt: 1_000, expiresAt: 61_000 });
    expect(read({ ...good, token_type: 'Bearer' })).toMatchObject({ value: 'abc~DEF.123' });
  });

  it.each([
    ['a token that no header can carry', { access_token: 'abc\r\nHost: evil' }],
    ['a token with a space', { access_token: 'abc def' }],
    ['an empty token', { access_token: '' }],
    ['a token with what HTTP is not written in', { access_token: 'abcä' }],
    ['another type', { token_type: 'mac' }],
    ['a longer type', { token_type: 'bearer2' }],
    ['a type behind another', { token_type: 'no bearer' }],
    ['no time to live', { expires_in: 0 }],
    ['no expiry', { expires_in: undefined }],
  ])('is none with %s', (_name, change) => {
    expect(() => read({ ...good, ...change })).toThrow('HTTP 200: the answer is not an access token');
  });
});

describe('a hint for what a copied credential suffers', () => {
  const quoted = 'Quotation marks stand around the id or the secret: take them away. ';
  const placeholder = 'The secret looks like a placeholder. ';
  it.each([
    ['id', 'k3y', ''],
    ['"id"', 'k3y', quoted],
    ["'id'", 'k3y', quoted],
    ['id', '"k3y"', quoted],
    ['id', '"k3y\'', ''],
    ['id', 'k3y\n', 'White space stands around the secret: trim it. '],
    ['id', 'k"3"y', ''],
    ['same', 'same', 'The id and the secret are the same. '],
    ['id', '****', placeholder],
    ['id', '••••', placeholder],
    ['id', 'XXXX', placeholder],
    ['id', 'xxkey', ''],
    ['id', 'keyxx', ''],
    ['id', 'my-secret', placeholder],
    ['id', 'secret-4711', ''],
    ['"secret"', '"secret"', `${quoted}The id and the secret are the same. `],
  ])('%s, %s: %j', (id, secret, hint) => {
    expect(credentialHint(id, secret)).toBe(hint);
  });
});

describe("the site's function for the secret", () => {
  const open = new AbortController().signal;

  it.each([
    ['gives it', () => 's3cret'],
    ['promises it', async () => 's3cret'],
  ])('%s', async (_name, ask) => {
    expect(await askSecret(ask, 1_000, open)).toBe('s3cret');
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new RangeError('s3cret');
      },
      'threw RangeError',
    ],
    ['rejects with a text', () => Promise.reject('s3cret'), 'threw string'],
    ['gives an empty text', () => '', 'gave an empty text in place of a text'],
    ['gives a number', () => 42, 'gave number in place of a text'],
    ['hangs', () => new Promise(() => {}), 'gave nothing within 10 ms'],
  ])('%s: the host is at fault, and nothing of it is repeated', async (_name, ask, what) => {
    const error = await askSecret(ask, 10.4, open).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      failure: {
        ...{ kind: 'host', call: 'oauth', reason: `clientSecret() ${what}` },
        fix: expect.stringContaining('`clientSecret`'),
      },
    });
    expect(JSON.stringify(error)).not.toContain('s3cret');
  });
});
