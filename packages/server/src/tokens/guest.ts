// What a guest may be: checked against every limit of the platform before a call is spent on it.
import { type CheckedGuest, LIMITS } from '@genesys-guest/common';
import { z } from 'zod';
import { type FieldError, GuestTokenError } from '../lib/errors.ts';

const text = (most: number, least = 0) =>
  z
    .string({ error: `must be a string of ${least} to ${most} characters` })
    .min(least, { error: `must have at least ${least} character` })
    .max(most, { error: `must have at most ${most} characters` });

const guestSchema = z.strictObject(
  {
    externalId: text(LIMITS.externalId, 1),
    attributes: z
      .record(text(LIMITS.attributeKey, 1), text(LIMITS.attributeValue).optional(), {
        error: (issue) =>
          issue.code === 'invalid_key'
            ? `has a key that is not 1 to ${LIMITS.attributeKey} characters long`
            : 'must be an object of strings',
      })
      .refine((record) => Object.keys(record).length <= LIMITS.attributes, {
        error: `must have at most ${LIMITS.attributes} entries`,
      })
      .optional(),
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

/** Names that are no data in JavaScript: an object that has them says something else than it seems to. */
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'] as const;

const forbiddenKeys = (guest: unknown): FieldError[] => {
  const { attributes } = (guest ?? {}) as { readonly attributes?: unknown };
  if (typeof attributes !== 'object' || attributes === null) return [];
  return FORBIDDEN_KEYS.filter((key) => Object.hasOwn(attributes, key)).map((key) => ({
    field: `attributes.${key}`,
    message: 'is refused: choose another name',
  }));
};

/** Without attributes that are `undefined`: a site need not leave them out by itself. */
const withoutUndefined = ({ attributes, ...guest }: z.output<typeof guestSchema>): CheckedGuest => {
  if (!attributes) return guest;
  const given = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...guest, attributes: Object.fromEntries(given) };
};

/**
 * The guest, if the platform would take it.
 * @throws GuestTokenError `guest_invalid` with every fault by field, and none of the values
 */
export const checkGuest = (guest: unknown): CheckedGuest => {
  const parsed = guestSchema.safeParse(guest);
  const forbidden = forbiddenKeys(guest);
  if (parsed.success && forbidden.length === 0) return withoutUndefined(parsed.data);
  const issues = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    field: path.length > 0 ? path.map(String).join('.') : 'guest',
    message,
  }));
  const errors = [...issues, ...forbidden];
  const list = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new GuestTokenError('guest_invalid', `The platform would refuse this guest: ${list}`, { errors });
};
