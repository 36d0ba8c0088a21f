// Asks for a guest token and checks that what comes back is one, for this guest, and not over already.
import { z } from 'zod';
import type { GuestToken } from '../store/ports.ts';
import type { ClockSkew } from './clock-skew.ts';
import type { HttpAnswer, HttpRequest } from './http-client.ts';
import type { AccessToken, GuestTokenRequest } from './ports.ts';
import { nonsense, parseJson } from './upstream-error.ts';

const issued = z.object({
  externalId: z.string(),
  webchatId: z.string(),
  token: z.string().min(1),
  expirationTime: z.iso.datetime({ offset: true }),
});

export const guestTokenRequest = (
  url: string,
  { guest, webchatId, lifetime }: GuestTokenRequest,
  accessToken: AccessToken,
  platformNow: number,
): HttpRequest => ({
  url,
  headers: {
    authorization: `Bearer ${accessToken.value}`,
    'content-type': 'application/json',
    accept: 'application/json',
  },
  body: JSON.stringify({
    externalId: guest.externalId,
    webchatId,
    attributes: guest.attributes,
    expirationTime: new Date(platformNow + lifetime * 1_000).toISOString(),
  }),
});

/** @param askedAt when the request was made: the token's age counts from there. @throws UpstreamError */
export const readGuestToken = (
  answer: HttpAnswer,
  { guest, webchatId }: GuestTokenRequest,
  askedAt: number,
  now: number,
  skew: ClockSkew,
): GuestToken => {
  const refuse = (what: string) => nonsense('guest-tokens', answer, what);
  const { data } = issued.safeParse(parseJson(answer.text));
  if (!data) throw refuse('the answer is not a guest token');
  const { externalId, token, expirationTime } = data;
  if (externalId !== guest.externalId || data.webchatId !== webchatId) {
    throw refuse("the answer is another guest's");
  }
  const expiresAt = skew.toOurs(Date.parse(expirationTime));
  if (expiresAt <= now) throw refuse('the token has expired already');
  return {
    token,
    externalId,
    webchatId,
    attributes: guest.attributes,
    issuedAt: askedAt,
    expiresAt,
  };
};
