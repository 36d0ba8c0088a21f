// Which origins are one site, and which URLs stay on this machine.
import { describe, expect, it } from 'vitest';
import { isLoopback, isSameSite } from './origins.ts';

describe('isSameSite', () => {
  it.each([
    ['https://a.example', 'https://a.example:8443', true],
    ['https://example.com', 'https://www.example.com', true],
    ['https://shop.example.com', 'https://www.example.com', true],
    ['https://a.b.example.co.uk', 'https://example.co.uk', true],
    ['https://shop.abc.io', 'https://abc.io', true],
    ['http://a.example', 'https://a.example', false],
    ['https://a.com', 'https://b.com', false],
    ['https://a.co.uk', 'https://b.co.uk', false],
    ['https://notexample.com', 'https://example.com', false],
    ['http://192.168.0.1', 'http://10.0.0.1', false],
    ['http://1.2.3.4', 'http://9.2.3.4', false],
  ])('%s and %s: %s', (a, b, same) => {
    expect([isSameSite(a, b), isSameSite(b, a)]).toEqual([same, same]);
  });
});

describe('isLoopback', () => {
  it.each([
    ['http://localhost:3000', true],
    ['http://app.localhost', true],
    ['http://127.0.0.1', true],
    ['http://127.9.9.9', true],
    ['http://[::1]:80', true],
    ['http://localhost.example', false],
    ['http://notlocalhost', false],
    ['http://128.0.0.1', false],
    ['nonsense', false],
  ])('%s: %s', (url, loopback) => {
    expect(isLoopback(url)).toBe(loopback);
  });
});
