// Which pages may call, by what a browser says of them and, where it says nothing, by the site's own host.
import { describe, expect, it } from 'vitest';
import { createOriginRules, preflight } from './origin.ts';
import type { HttpRequest } from './ports.ts';

const OURS = 'https://our.example';
const LISTED = 'https://shop.example';

const rules = (publicOrigin?: string) =>
  createOriginRules({ allowedOrigins: new Set([LISTED]), publicOrigin });
const request = (headers: Record<string, unknown>, method = 'POST'): HttpRequest => ({
  method,
  headers: headers as HttpRequest['headers'],
  host: undefined,
});
const from = (origin: string, rest: Record<string, unknown> = { host: 'our.example' }) =>
  request({ origin, ...rest });

describe('without a word of the browser', () => {
  it.each<[string, HttpRequest, boolean]>([
    ['no origin', request({ host: 'our.example' }), false],
    ['our host', from(OURS), false],
    ['our host, by http', from('http://our.example'), false],
    ['our host under HTTP/2', from(OURS, { ':authority': 'our.example' }), false],
    ['our host in capitals', from(OURS, { host: 'OUR.example' }), false],
    ['another port', from(`${OURS}:8443`), true],
    ['another host', from('https://our.example.evil'), true],
    ['another host under HTTP/2', from(OURS, { ':authority': 'evil.example' }), true],
    ['no host', from(OURS, {}), true],
    ['a host that is none', from(OURS, { host: 'our example' }), true],
    ['two hosts', from(OURS, { ':authority': ['our.example', 'evil.example'] }), true],
    ['an origin that is none', from('null'), true],
    ['an origin that is none, as host', from('our.example'), true],
    ['a listed origin', from(LISTED), false],
  ])('%s', (_what, req, forbidden) => {
    expect(rules().isForbidden(req)).toBe(forbidden);
  });

  it('publicOrigin goes before the host', () => {
    expect(rules(OURS).isForbidden(from(OURS, { host: 'inside' }))).toBe(false);
    expect(rules(OURS).isForbidden(from('http://inside', { host: 'inside' }))).toBe(true);
  });
});

it.each([
  ['POST', 'same-origin', false],
  ['POST', 'same-site', true],
  ['POST', 'cross-site', true],
  ['POST', 'none', true],
  ['GET', 'none', false],
  ['HEAD', 'none', false],
  ['GET', 'cross-site', true],
])("the browser's word: %s %s is forbidden: %s", (method, site, forbidden) => {
  const headers = { host: 'our.example', 'sec-fetch-site': site };
  expect(rules().isForbidden(request(headers, method))).toBe(forbidden);
  // It goes before the host.
  expect(rules().isForbidden(request({ ...headers, origin: 'https://evil.example' }, method))).toBe(
    forbidden,
  );
  expect(rules().isForbidden(request({ ...headers, origin: LISTED }, method))).toBe(false);
});

describe('CORS', () => {
  const cors = {
    'Access-Control-Allow-Origin': LISTED,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'Retry-After',
  };

  it('is for listed origins alone', () => {
    expect(rules().cors(from(LISTED))).toEqual(cors);
    expect([rules().cors(from(OURS)), rules().cors(request({}))]).toEqual([undefined, undefined]);
  });

  it('allows in advance what is asked for', () => {
    const allowed = { 'Access-Control-Allow-Methods': 'POST', 'Access-Control-Max-Age': '7200' };
    expect(preflight(from(LISTED), 'POST')).toEqual(allowed);
    expect(preflight(from(LISTED, { 'access-control-request-headers': 'x-csrf' }), 'POST')).toEqual({
      ...allowed,
      'Access-Control-Allow-Headers': 'x-csrf',
    });
  });
});
