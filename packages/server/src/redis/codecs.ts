// How a guest token and an access token are written: sealed, without what the key's name says already.
import { z } from 'zod';
import type { Envelope } from '../lib/encryption.ts';
import type { GuestKey, GuestToken } from '../store/ports.ts';
import type { AccessToken } from '../upstream/ports.ts';
import type { Codec } from './leased-cache.ts';

const written = z.object({
  token: z.string(),
  /** The guest is sealed too: a name is a hash, and who it is for must be certain. */
  externalId: z.string(),
  webchatId: z.string(),
  attributes: z.record(z.string(), z.string()).optional(),
  /** Milliseconds of its whole life: with what is left of it, its age. */
  life: z.number().positive(),
});

export const guestTokenCodec = (envelope: Envelope): Codec<GuestToken> => ({
  write: ({ token, externalId, webchatId, attributes, issuedAt, expiresAt }, at) =>
    envelope.seal(
      JSON.stringify({ token, externalId, webchatId, attributes, life: expiresAt - issuedAt }),
      at,
    ),
  read: (text, at, expiresAt) => {
    const read = parse(written, envelope.open(text, at));
    if (!read) return undefined;
    const { token, externalId, webchatId, attributes, life } = read;
    return { token, externalId, webchatId, attributes, issuedAt: expiresAt - life, expiresAt };
  },
});

/** What a guest's names are made of. The endpoint is part of it: another organisation's token is another token. */
export const guestText = ({ webchatId, externalId }: GuestKey, endpoint: string): string =>
  JSON.stringify(['guest', endpoint, webchatId, externalId]);

const granted = z.object({ value: z.string(), life: z.number().positive() });

export const accessTokenCodec = (envelope: Envelope): Codec<AccessToken> => ({
  write: ({ value, issuedAt, expiresAt }, at) =>
    envelope.seal(JSON.stringify({ value, life: expiresAt - issuedAt }), at),
  read: (text, at, expiresAt) => {
    const read = parse(granted, envelope.open(text, at));
    return read && { value: read.value, issuedAt: expiresAt - read.life, expiresAt };
  },
});

export const clientText = (endpoint: string, clientId: string): string =>
  JSON.stringify(['client', endpoint, clientId]);

const parse = <S extends z.ZodType>(schema: S, text: string | undefined): z.output<S> | undefined => {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
