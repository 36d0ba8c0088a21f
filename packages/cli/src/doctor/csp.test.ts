// What a policy allows, by the examples of CSP level 3 and what browsers make of them.
import { describe, expect, it } from 'vitest';
import { allows, parsePolicies } from './csp.ts';

const SELF = 'https://www.example.com';
const FROM = { origin: SELF };
const APPS = 'https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js';
const SOCKET = 'wss://webmessaging.mypurecloud.ie/v1';

describe('a policy', () => {
  it.each<[string, string, string, boolean]>([
    ['', 'script-src', APPS, true],
    ["default-src 'none'", 'script-src', APPS, false],
    ["default-src 'self'", 'script-src', `${SELF}/chat/boot.js`, true],
    ['default-src *', 'connect-src', SOCKET, true],
    ['script-src https:', 'script-src', APPS, true],
    ['script-src https:', 'connect-src', SOCKET, true],
    ['connect-src https:', 'connect-src', SOCKET, false],
    ['connect-src wss:', 'connect-src', SOCKET, true],
    ['script-src https://*.mypurecloud.ie', 'script-src', APPS, true],
    ['script-src *.mypurecloud.ie', 'script-src', APPS, true],
    ['script-src mypurecloud.ie', 'script-src', APPS, false],
    ['script-src https://apps.mypurecloud.ie/genesys-bootstrap/', 'script-src', APPS, true],
    ['script-src https://apps.mypurecloud.ie:443', 'script-src', APPS, true],
    ['script-src https://apps.mypurecloud.ie:8443', 'script-src', APPS, false],
    ['script-src https://apps.mypurecloud.ie:*', 'script-src', APPS, true],
    ["script-src 'nonce-abc' 'strict-dynamic'", 'script-src', APPS, true],
    ["script-src 'strict-dynamic' https:", 'script-src', APPS, false],
    ["script-src-elem https:; script-src 'none'", 'script-src', APPS, true],
    ["child-src 'none'", 'frame-src', 'https://apps.mypurecloud.ie/', false],
    ["script-src 'none'; script-src *", 'script-src', APPS, false],
  ])('%s: %s %s is %s', (text, directive, url, allowed) => {
    expect(parsePolicies(text).every((policy) => allows(policy, directive, url, FROM))).toBe(allowed);
  });

  it.each([
    ['abc', true],
    ['other', false],
    ['', false],
  ])("with nonce 'abc' lets a script of nonce '%s' pass: %s", (nonce, allowed) => {
    const [policy] = parsePolicies("script-src 'nonce-abc' 'strict-dynamic'");
    expect(policy && allows(policy, 'script-src', APPS, { origin: SELF, nonce })).toBe(allowed);
  });

  it('is read from a header that holds several', () => {
    expect(parsePolicies("default-src *, script-src 'none'")).toHaveLength(2);
  });
});
