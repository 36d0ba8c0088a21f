// Addresses are believed only where they can be, and somebody is always counted.
import { describe, expect, it, vi } from 'vitest';
import { createLogThrottle, silentLog } from '../observe/log.ts';
import { createClientAddressOf } from './client-address.ts';
import type { HttpRequest } from './ports.ts';

const request = (express: object = {}, forwarded?: string, remoteAddress = '192.0.2.1'): HttpRequest => ({
  method: 'POST',
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  host: { socket: { remoteAddress }, ...express },
});
const express = (trust: unknown, ip = '198.51.100.9') => ({
  ip,
  app: { get: (setting: string) => (setting === 'trust proxy' ? trust : undefined) },
});
const rig = (clientAddress?: () => string | undefined) => {
  const warn = vi.fn();
  const clock = { now: 0 };
  const addressOf = createClientAddressOf({ clientAddress, warn, log: silentLog }, () => clock.now);
  return { warn, clock, addressOf };
};

it.each([
  ['bare, direct', request(), { address: '192.0.2.1' }, 0],
  ['a header from a public address', request({}, '203.0.113.7'), { address: '192.0.2.1' }, 1],
  [
    'a proxy that nobody configured',
    request({}, '203.0.113.7', '10.0.0.2'),
    { address: '10.0.0.2', proxy: '10.0.0.2' },
    1,
  ],
  ['Express, direct', request(express(false, '192.0.2.1')), { address: '192.0.2.1' }, 0],
  [
    'Express, behind a proxy that it trusts',
    request(express(1), '203.0.113.7'),
    { address: '198.51.100.9' },
    0,
  ],
  [
    'Express, with a function that trusts',
    request(
      express(() => true),
      '203.0.113.7',
    ),
    { address: '198.51.100.9' },
    0,
  ],
  [
    'Express, that trusts everybody',
    request(express(true), '203.0.113.7'),
    { address: '198.51.100.9', proxy: '192.0.2.1' },
    1,
  ],
  [
    'a host that says the address',
    { ...request({}, '203.0.113.7'), address: '198.51.100.1' },
    { address: '198.51.100.1' },
    0,
  ],
  ['a host that says nothing', { method: 'POST', headers: {}, host: undefined }, { address: 'unknown' }, 0],
])('%s', (_what, req, counted, warnings) => {
  const { addressOf, warn } = rig();
  expect([addressOf(req), addressOf(req)]).toEqual([counted, counted]);
  expect(warn).toHaveBeenCalledTimes(warnings);
});

describe('clientAddress', () => {
  it('is what the site says', () => {
    expect(rig(() => '203.0.113.8').addressOf(request({}, '203.0.113.7'))).toEqual({
      address: '203.0.113.8',
    });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
      0,
    ],
    ['says nothing', () => undefined, 0],
    ['says null', () => null as never, 0],
    ['says an empty string', () => '', 1],
    ['says a number', () => 7 as never, 1],
    // Nobody else would catch it, and it would end the process.
    ['promises and breaks it', () => Promise.reject(new Error('a bug')) as never, 1],
  ])('that %s leaves the count to the connection', (_what, clientAddress, warnings) => {
    const { addressOf, warn } = rig(clientAddress);
    expect(addressOf(request())).toEqual({ address: '192.0.2.1' });
    expect(warn).toHaveBeenCalledTimes(warnings);
  });
});

it('warns at once and then every hour', () => {
  const { addressOf, warn, clock } = rig();
  const ask = () => addressOf(request({}, '203.0.113.7', '127.0.0.1'));
  ask();
  clock.now = 3_599_999;
  ask();
  expect(warn).toHaveBeenCalledTimes(1);
  clock.now = 3_600_000;
  ask();
  expect(warn).toHaveBeenCalledTimes(2);
});

it('leaves one line where clientAddress throws, and none of what it said', () => {
  const log = vi.fn();
  const clientAddress = () => {
    throw new Error('a bug');
  };
  const addressOf = createClientAddressOf({ clientAddress, warn: () => {}, log: createLogThrottle(log) });
  for (let i = 0; i < 3; i += 1) addressOf(request());
  const line = expect.stringContaining('clientAddress(req) failed');
  expect(log.mock.calls.filter(([level]) => level !== 'debug')).toEqual([
    ['error', line, { error: 'Error' }],
  ]);
});
