// Which origins are one site, and which URLs stay on this machine.
import { describe, expect, it } from 'vitest';
import { isLoopback } from '../lib/loopback.ts';
import { sameSite } from './origins.ts';

describe('sameSite', () => {
  it.each([
    ['https://a.example', 'https://a.example:8443', 'same'],
    ['https://example.com', 'https://www.example.com', 'same'],
    ['https://a.b.example.co.uk', 'https://example.co.uk', 'same'],
    ['https://shop.abc.io', 'https://abc.io', 'same'],
    ['https://shop.example.com', 'https://www.example.com', 'unknown'],
    ['https://a.co.uk', 'https://b.co.uk', 'unknown'],
    ['https://a.github.io', 'https://b.github.io', 'unknown'],
    ['http://a.example', 'https://a.example', 'other'],
    ['https://a.com', 'https://b.com', 'other'],
    ['https://notexample.com', 'https://example.com', 'other'],
    ['https://com', 'https://example.com', 'other'],
    ['http://192.168.0.1', 'http://10.0.0.1', 'other'],
    ['http://1.2.3.4', 'http://9.2.3.4', 'other'],
    ['http://[::1]', 'http://[::2]', 'other'],
  ])('%s and %s: %s', (a, b, expected) => {
    expect([sameSite(a, b), sameSite(b, a)]).toEqual([expected, expected]);
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
