// An anonymous visitor's id is told from a member's.
import { expect, it } from 'vitest';
import { isAnonymousId } from './anonymous-id.ts';

it.each([
  ['guest-0123456789abcdefghi-_jkl', true],
  ['guest-0123456789abcdefghi-_jk', false],
  ['guest-0123456789abcdefghi-_jklm', false],
  ['a guest-0123456789abcdefghi-_jkl', false],
  ['guest-services', false],
  ['member-1042', false],
  ['', false],
])('%j: %s', (externalId, anonymous) => {
  expect(isAnonymousId(externalId)).toBe(anonymous);
});
