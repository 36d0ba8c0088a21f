// Addresses are counted as what one subscriber has.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressGroups, isInside } from './address-groups.ts';

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
    [' 203.0.113.7 ', '203.0.113.7'],
    ['[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1%eth0', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]:https', '[2001:db8:1:2::1]:https'],
    ['for [2001:db8:1:2::1]', 'for [2001:db8:1:2::1]'],
    ['203.0.113.7:', '203.0.113.7:'],
    ['203.0.113.7:80, proxy', '203.0.113.7:80, proxy'],
    ['customer 203.0.113.7:80', 'customer 203.0.113.7:80'],
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

it.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['10.1.2.3', true],
  ['172.20.0.1', true],
  ['192.168.1.1', true],
  ['::ffff:10.0.0.1', true],
  ['fd00::1', true],
  ['fe80::1%eth0', true],
  ['100.64.0.1', true],
  ['203.0.113.7', false],
  ['2001:db8::1', false],
  ['no address', false],
])('%s is inside: %s', (address, inside) => {
  expect(isInside(address)).toBe(inside);
});
