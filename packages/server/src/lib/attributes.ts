// Compares two sets of a guest's attributes.
import type { Attributes } from '@genesys-guest/common';

/** Whether two sets of attributes say the same, in whatever order. */
export const sameAttributes = (a: Attributes | undefined, b: Attributes | undefined): boolean => {
  if (a === b) return true;
  const [first, second] = [a ?? {}, b ?? {}];
  const names = Object.keys(first);
  return names.length === Object.keys(second).length && names.every((name) => first[name] === second[name]);
};
