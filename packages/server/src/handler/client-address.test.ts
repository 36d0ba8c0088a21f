// Addresses are believed only where they can be, and counted as what one subscriber has.
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../observe/log.ts';
import { createAddressLimiter } from './address-limiter.ts';
import { addressGroups, createAddressOf } from './client-address.ts';

/** The narrowest group that an address is counted in. */
const addressGroup = (address: string) => addressGroups(address)[0]?.name;

describe('addressGroups', () => {
  it('counts IPv6 by its /64 and, wider, by its /56 and /48', () => {
    expect(addressGroups('2001:db8:1:1234::1')).toEqual([
      { name: '2001:db8:1:1234::/64', share: 1 },
      { name: '2001:db8:1:1200::/56', share: 4 },
      { name: '2001:db8:1:0::/48', share: 16 },
    ]);
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:49152', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]:443', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['customer 7', 'customer 7'],
  ])('counts %s as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  it('counts a whole /64 as one, and its neighbour as another', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const half = fc.tuple(group, group, group, group);
    const text = (...parts: number[][]) =>
      parts
        .flat()
        .map((part) => part.toString(16))
        .join(':');
    fc.assert(
      fc.property(half, half, half, (net, one, two) => {
        fc.pre(net.some((part) => part !== 0));
        expect(addressGroup(text(net, one))).toBe(addressGroup(text(net, two)));
        const next = [...net.slice(0, 3), (net[3] as number) ^ 1];
        expect(addressGroup(text(net, one))).not.toBe(addressGroup(text(next, one)));
      }),
    );
  });
});

describe('the address of a request', () => {
  const request = (extra: object = {}, forwarded?: string) =>
    ({
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress: '192.0.2.1' },
      ...extra,
    }) as unknown as IncomingMessage;
  const express = (trust: unknown, ip = '198.51.100.9') => ({ ip, app: { get: () => trust } });
  const rig = (clientAddress?: (req: IncomingMessage) => string | undefined) => {
    const warn = vi.fn();
    return { warn, addressOf: createAddressOf({ clientAddress, warn, log: silentLog }) };
  };

  it.each([
    ['bare, direct', request(), '192.0.2.1', 0],
    ['bare, behind a proxy', request({}, '203.0.113.7'), undefined, 1],
    ['Express, direct', request(express(false)), '198.51.100.9', 0],
    ['Express, behind a proxy that it trusts', request(express(1), '203.0.113.7'), '198.51.100.9', 0],
    ['Express, behind a proxy that it does not', request(express(false), '203.0.113.7'), undefined, 1],
  ])('%s', (_what, req, address, warnings) => {
    const { addressOf, warn } = rig();
    expect([addressOf(req), addressOf(req)]).toEqual([address, address]);
    expect(warn).toHaveBeenCalledTimes(warnings);
  });

  it('is what the site says, and unknown where the site fails to say', () => {
    const forwarded = request({}, '203.0.113.7');
    expect(rig(() => '203.0.113.8').addressOf(forwarded)).toBe('203.0.113.8');
    const { addressOf, warn } = rig(() => {
      throw new Error('a bug');
    });
    expect(addressOf(forwarded)).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('the limiter', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('does not let a whole /48 cause what 65,536 subscribers may', async () => {
    const limiter = createAddressLimiter(2);
    const refused: number[] = [];
    for (let subnet = 0; subnet < 100; subnet += 1) {
      // Each call from a /64 and a /56 of its own.
      const retryAfter = await limiter.consume(`2001:db8:1:${(subnet * 256).toString(16)}::1`, 'anna');
      if (retryAfter !== undefined) refused.push(retryAfter);
    }
    expect(refused).toHaveLength(100 - 2 * 16);
    expect(await limiter.consume('2001:db8:2::1', 'anna')).toBeUndefined();
  });

  it('lets each address cause so many calls in a minute', async () => {
    const limiter = createAddressLimiter(2);
    const consume = () => limiter.consume('2001:db8::1', 'anna');
    expect([await consume(), await limiter.consume('2001:db8::2', 'anna')]).toEqual([undefined, undefined]);
    vi.advanceTimersByTime(20_000);
    expect(await consume()).toBe(40);
    expect(await limiter.consume('203.0.113.7', 'anna')).toBeUndefined();
    vi.advanceTimersByTime(40_000);
    expect(await consume()).toBeUndefined();
  });

  it('keeps a bounded number of counters however many addresses come', async () => {
    const limiter = createAddressLimiter(1_000, 50);
    for (let i = 0; i < 1_000; i += 1) await limiter.consume(`customer ${i}`, 'anna');
  });
});
