// A guest is checked before a call is spent: every fault is named by field, and nothing vanishes in silence.
import { LIMITS } from '@genesys-guest/common';
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
    expect(checkGuest({ externalId: 'anna', attributes: { plan: undefined, tier: 'gold' } })).toStrictEqual({
      externalId: 'anna',
      attributes: { tier: 'gold' },
    });
  });
});

it.each([
  ['as long as they may be', 0, []],
  ['longer', 1, ['externalId', `attributes.${'🙂'.repeat(64)}x`, 'attributes.a']],
])(
  'texts of emoji that are %s are judged as the platform does, which counts each as two',
  (_what, more, fields) => {
    const of = (most: number) => '🙂'.repeat(Math.floor(most / 2)) + 'x'.repeat((most % 2) + more);
    const attributes = { [of(LIMITS.attributeKey)]: 'x', a: of(LIMITS.attributeValue) };
    expect(fieldsOf({ externalId: of(LIMITS.externalId), attributes })).toEqual(fields);
  },
);

const faultsOf = (guest: unknown): string[] => {
  try {
    checkGuest(guest);
    return [];
  } catch (error) {
    return (error as GuestTokenError).errors?.map(({ field, message }) => `${field}: ${message}`) ?? [];
  }
};

it.each([
  [undefined, ['guest: must be { externalId, attributes?, claims?, authTime? }']],
  [{ externalId: 7 }, [`externalId: must be a string of 1 to ${LIMITS.externalId} characters`]],
  [{ externalId: '' }, [`externalId: must be a string of 1 to ${LIMITS.externalId} characters`]],
  [{ externalId: 'anna', name: 'Anna' }, ['guest: Unrecognized key: "name"']],
  [{ externalId: 'anna', attributes: null }, ['attributes: must be an object of strings']],
  [{ externalId: 'anna', attributes: 7 }, ['attributes: must be an object of strings']],
  [
    { externalId: 'anna', attributes: { '': 'x' } },
    [`attributes.: has a key that is not 1 to ${LIMITS.attributeKey} characters long`],
  ],
  [{ externalId: 'anna', claims: 7 }, ['claims: must be an object']],
  [{ externalId: 'anna', claims: { phone: '1' } }, ['claims: Unrecognized key: "phone"']],
  [{ externalId: 'anna', authTime: 'noon' }, ['authTime: must be seconds since 1970, a number']],
])('%j is refused by field', (guest, faults) => {
  expect(faultsOf(guest)).toEqual(faults);
});

it('has as many attributes as the platform takes, and no more', () => {
  const attributes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 'x']));
  expect(faultsOf({ externalId: 'anna', attributes: attributes(LIMITS.attributes) })).toEqual([]);
  expect(faultsOf({ externalId: 'anna', attributes: attributes(LIMITS.attributes + 1) })).toEqual([
    `attributes: must have at most ${LIMITS.attributes} entries`,
  ]);
});

it('names every fault in its message, and none of the values', () => {
  const attributes = JSON.parse('{"constructor":"s3cret"}');
  expect(() => checkGuest({ externalId: 7, attributes })).toThrow(
    `The platform would refuse this guest: externalId must be a string of 1 to ${LIMITS.externalId} characters; ` +
      'attributes.constructor is refused: choose another name',
  );
});
