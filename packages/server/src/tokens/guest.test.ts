// A guest is checked before a call is spent: every fault is named by field, and nothing vanishes in silence.
import { describe, expect, it } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { checkGuest } from './guest.ts';

const fieldsOf = (guest: unknown): string[] => {
  try {
    checkGuest(guest);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(GuestTokenError);
    return (error as GuestTokenError).errors?.map(({ field }) => field) ?? [];
  }
};

describe('attributes', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('named %s are refused by name', (name) => {
    const attributes = JSON.parse(`{"${name}":"x","plan":"gold"}`);
    expect(fieldsOf({ externalId: 'anna', attributes })).toEqual([`attributes.${name}`]);
  });

  it('named __proto__ are refused also with a value that is no string', () => {
    const attributes = JSON.parse('{"__proto__":7}');
    expect(fieldsOf({ externalId: 'anna', attributes })).toContain('attributes.__proto__');
  });

  it('that are undefined are left out', () => {
    expect(checkGuest({ externalId: 'anna', attributes: { plan: undefined, tier: 'gold' } })).toEqual({
      externalId: 'anna',
      attributes: { tier: 'gold' },
    });
  });
});

it('names a number as id', () => {
  expect(fieldsOf({ externalId: 7 })).toEqual(['externalId']);
});
