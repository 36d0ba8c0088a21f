// What a guest may be: checked against every limit of the platform before a call is spent on it.
import { type Attributes, type CheckedGuest, LIMITS } from '@genesys-guest/common';
import { z } from 'zod';
import { GuestTokenError } from '../lib/errors.ts';

/** Counted as JavaScript and Java count, so an emoji is two: zod's own limits count it as one. */
const text = (most: number, least = 0) => {
  const error = `must be a string of ${least} to ${most} characters`;
  return z.string({ error }).refine(({ length }) => length >= least && length <= most, { error });
};

/** Names that are no data in JavaScript: an object that has them says something else than it seems to. */
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];

const attributes = z
  .unknown()
  .superRefine((given, context) => {
    for (const key of FORBIDDEN_KEYS.filter((name) => Object.hasOwn(Object(given), name))) {
      context.addIssue({ code: 'custom', path: [key], message: 'is refused: choose another name' });
    }
  })
  .pipe(
    z.record(text(LIMITS.attributeKey, 1), text(LIMITS.attributeValue).optional(), {
      error: (issue) =>
        issue.code === 'invalid_key'
          ? `has a key that is not 1 to ${LIMITS.attributeKey} characters long`
          : 'must be an object of strings',
    }),
  )
  .refine((record) => Object.keys(record).length <= LIMITS.attributes, {
    error: `must have at most ${LIMITS.attributes} entries`,
  })
  // A site need not leave out by itself what is undefined.
  .transform(
    (record): Attributes =>
      Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Attributes,
  );

const guestSchema = z.strictObject(
  {
    externalId: text(LIMITS.externalId, 1),
    attributes: attributes.optional(),
    claims: z
      .strictObject(
        { email: text(320).optional(), given_name: text(255).optional(), family_name: text(255).optional() },
        { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'must be an object') },
      )
      .optional(),
    authTime: z.number({ error: 'must be seconds since 1970, a number' }).optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? undefined
        : 'must be { externalId, attributes?, claims?, authTime? }',
  },
);

/**
 * The guest, if the platform would take it.
 * @throws GuestTokenError `guest_invalid` with every fault by field, and none of the values
 */
export const checkGuest = (guest: unknown): CheckedGuest => {
  const parsed = guestSchema.safeParse(guest);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.') || 'guest',
    message,
  }));
  const list = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new GuestTokenError('guest_invalid', `The platform would refuse this guest: ${list}`, { errors });
};
