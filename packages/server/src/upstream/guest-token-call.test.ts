// The guest-token call: what is asked, and that only a token of this guest that still lives is taken.
import { expect, it } from 'vitest';
import { ClockSkew } from './clock-skew.ts';
import { guestTokenRequest, readGuestToken } from './guest-token-call.ts';

const request = {
  guest: { externalId: 'anna', attributes: { plan: 'gold' }, claims: { email: 'anna@example.com' } },
  webchatId: 'chat',
  lifetime: 60,
};

it('asks for a guest, with what the platform knows of guests alone', () => {
  const accessToken = { value: 'access', issuedAt: 0, expiresAt: 1 };
  const { body, ...rest } = guestTokenRequest('https://api.example.com', request, accessToken, 1_000);
  expect(rest).toEqual({
    url: 'https://api.example.com',
    headers: {
      authorization: 'Bearer access',
      'content-type': 'application/json',
      accept: 'application/json',
    },
  });
  expect(JSON.parse(body)).toEqual({
    externalId: 'anna',
    webchatId: 'chat',
    attributes: { plan: 'gold' },
    expirationTime: '1970-01-01T00:01:01.000Z',
  });
});

const good = {
  externalId: 'anna',
  webchatId: 'chat',
  token: 't',
  expirationTime: '1970-01-01T01:01:00+01:00',
};
const read = (body: unknown, now = 59_999, skew = new ClockSkew()) =>
  readGuestToken({ status: 200, headers: {}, text: JSON.stringify(body) }, request, 500, now, skew);

it('takes a token with its age from when it was asked for', () => {
  expect(read(good)).toEqual({
    token: 't',
    externalId: 'anna',
    webchatId: 'chat',
    attributes: { plan: 'gold' },
    issuedAt: 500,
    expiresAt: 60_000,
  });
});

it('takes its end by our clock', () => {
  const skew = new ClockSkew();
  skew.learn({ date: new Date(40_000).toUTCString() }, 10_000);
  expect(read(good, 29_999, skew).expiresAt).toBe(30_000);
});

it.each([
  ['an empty token', { token: '' }, 'the answer is not a guest token'],
  ['no token', { token: 7 }, 'the answer is not a guest token'],
  ['an id that is no text', { externalId: 7 }, 'the answer is not a guest token'],
  ['a deployment that is no text', { webchatId: null }, 'the answer is not a guest token'],
  ['a number for its end', { expirationTime: 4e12 }, 'the answer is not a guest token'],
  ['the 31st of February', { expirationTime: '2030-02-31T00:00:00Z' }, 'the answer is not a guest token'],
  ['no zone', { expirationTime: '2030-02-01T00:00:00' }, 'the answer is not a guest token'],
  ['a day for its end', { expirationTime: '2030-01-01' }, 'the answer is not a guest token'],
  ['another guest', { externalId: 'bert' }, "the answer is another guest's"],
  ['another deployment', { webchatId: 'other' }, "the answer is another guest's"],
  ['an end that is over', { expirationTime: '1970-01-01T00:00:59.999Z' }, 'the token has expired already'],
])('refuses %s', (_name, change, why) => {
  expect(() => read({ ...good, ...change })).toThrow(`HTTP 200: ${why}`);
});

it.each(['no JSON', 'null', '7', '[]', '""'])('refuses the answer %s', (text) => {
  const answer = { status: 200, headers: {}, text };
  const skew = new ClockSkew();
  expect(() => readGuestToken(answer, request, 500, 600, skew)).toThrow('the answer is not a guest token');
});
