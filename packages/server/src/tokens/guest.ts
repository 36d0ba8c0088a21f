// What a guest may be: checked against every limit of the platform before a call is spent on it.
import { type Guest, LIMITS } from '@genesys-guest/common';
import { z } from 'zod';
import { GuestTokenError } from '../lib/errors.ts';

const text = (most: number, least = 0) =>
  z
    .string({ error: `must be a string of ${least} to ${most} characters` })
    .min(least, { error: `must have at least ${least} character` })
    .max(most, { error: `must have at most ${most} characters` });

const guestSchema = z.strictObject(
  {
    externalId: text(LIMITS.externalId, 1),
    attributes: z
      .record(text(LIMITS.attributeKey, 1), text(LIMITS.attributeValue), {
        error: (issue) =>
          issue.code === 'invalid_key'
            ? `has a key that is not 1 to ${LIMITS.attributeKey} characters long`
            : 'must be an object of strings',
      })
      .refine((record) => Object.keys(record).length <= LIMITS.attributes, {
        error: `must have at most ${LIMITS.attributes} entries`,
      })
      .optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : 'must be { externalId, attributes? }',
  },
);

/**
 * The guest, if the platform would take it.
 * @throws GuestTokenError `guest_invalid` with every fault by field, and none of the values
 */
export const checkGuest = (guest: unknown): Guest => {
  const parsed = guestSchema.safeParse(guest);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    field: path.length > 0 ? path.map(String).join('.') : 'guest',
    message,
  }));
  const list = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new GuestTokenError('guest_invalid', `The platform would refuse this guest: ${list}`, { errors });
};
