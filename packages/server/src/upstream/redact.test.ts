// What a gateway echoes of our credentials, or of a guest's attributes, is gone before a word of its answer is read.
import { describe, expect, it } from 'vitest';
import type { Answer, Request } from './http-client.ts';
import { createEchoes } from './redact.ts';

const answerOf = (message: string): Answer => ({
  status: 400,
  headers: { 'inin-correlation-id': `id ${message}` },
  text: JSON.stringify({ message }),
});

const oauth: Request = {
  url: 'http://127.0.0.1',
  headers: { authorization: `Basic ${Buffer.from('client:se"cret/1').toString('base64')}` },
  body: 'grant_type=client_credentials',
};
const guestTokens: Request = {
  url: 'http://127.0.0.1',
  headers: { authorization: 'Bearer the-access-token' },
  body: JSON.stringify({ externalId: 'anna', attributes: { tier: 'platinum', age: '42' } }),
};

describe('an echo', () => {
  it.each([
    [oauth, 'secret se"cret/1 or se%22cret%2F1', 'secret [hidden] or [hidden]'],
    [oauth, 'sent client:se"cret/1', 'sent [hidden]'],
    [guestTokens, 'token the-access-token!', 'token [hidden]!'],
    [guestTokens, 'tier platinum of anna, 42', 'tier [hidden] of anna, 42'],
    [guestTokens, 'Authorization: Bearer somebody-elses', 'Authorization: Bearer [hidden]'],
  ])('of %# is hidden', (request, message, left) => {
    const { text, headers } = createEchoes().without(answerOf(message), request);
    expect(JSON.parse(text)).toEqual({ message: left });
    expect(headers['inin-correlation-id']).toBe(`id ${left}`);
  });

  it('of an earlier call is hidden too', () => {
    const echoes = createEchoes();
    echoes.remember(oauth);
    const { text } = echoes.without(answerOf('se"cret/1'), guestTokens);
    expect(JSON.parse(text)).toEqual({ message: '[hidden]' });
  });
});
