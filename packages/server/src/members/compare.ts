// Compares secrets in a time that says nothing of them.
import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a value is one of the list. Every entry is compared, also after a match. */
export const isOneOf = (value: string, list: readonly string[]): boolean => {
  const given = digest(value);
  return list.filter((entry) => timingSafeEqual(given, digest(entry))).length > 0;
};
