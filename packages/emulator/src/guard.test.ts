// Nobody but programs on this machine, and the emulator's own pages, can set a fault or a secret.
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { basic, rig } from './testing.ts';

/** A request with whatever headers: `fetch` lets nobody choose Host, Origin or Sec-Fetch-Site. */
const send = (url: string, headers: Record<string, string>, method = 'POST', body = '') =>
  new Promise<number>((resolve, reject) => {
    const sent = request(url, { method, headers }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });

const FAULT = '{"call":"guestTokens","fault":"status"}';

describe('the controls', () => {
  it.each([
    ['a foreign Host', { Host: 'shop.example' }],
    ['a name that points here', { Host: 'rebound.example:4010' }],
    ['a name that begins like loopback', { Host: '127.0.0.1.shop.example' }],
    ['another origin', { Origin: 'https://shop.example', 'Content-Type': 'text/plain' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
    ['an opaque origin', { Origin: 'null' }],
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a page of this site on another port', { 'Sec-Fetch-Site': 'same-site' }],
  ])('are closed to %s', async (_name, headers) => {
    await using cloud = await rig();
    const { url } = cloud.emulator;
    expect(await send(`${url}/_emulator/faults`, headers, 'POST', FAULT)).toBe(403);
    expect(await send(`${url}/_emulator/credentials`, headers, 'POST', '{"clientSecret":"mine"}')).toBe(403);
    expect(await send(`${url}/_emulator/conversations`, headers, 'GET')).toBe(403);
    expect((await cloud.guest()).status).toBe(200);
    expect((await cloud.oauth({ headers: basic('emulator-client:mine') })).status).toBe(401);
  });

  it.each([
    ['a program', {}],
    ['localhost', { Host: 'localhost:4010' }],
    ['a name under localhost', { Host: 'cloud.localhost' }],
    ['IPv6', { Host: '[::1]:4010' }],
    ['the address bar', { 'Sec-Fetch-Site': 'none' }],
    [
      'its own page',
      { 'Sec-Fetch-Site': 'same-origin', Host: 'localhost:4010', Origin: 'http://localhost:4010' },
    ],
  ])('are open to %s', async (_name, headers) => {
    await using cloud = await rig();
    expect(await send(`${cloud.emulator.url}/_emulator/faults`, headers, 'POST', FAULT)).toBe(204);
  });
});
