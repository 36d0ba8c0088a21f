// Says who a visitor is: whom the site names, else whom our cookie names, else nobody yet.
import type { IncomingMessage } from 'node:http';
import type { Guest } from '@genesys-guest/common';
import { GuestTokenError } from '../errors.ts';
import { checkGuest } from '../guest.ts';
import type { HandlerSettings } from '../options/settings.ts';
import type { SignedVisitor } from './signed-cookie.ts';
import { withinLimit } from './time-limit.ts';
import type { VisitorCookie } from './visitor-cookie.ts';

export interface Visitor {
  /** `undefined` for a first-time visitor. */
  readonly guest: Guest | undefined;
  /** The site itself says who this is. */
  readonly identified: boolean;
  /** What the cookie says, also of a visitor whom the site names. */
  readonly signed: SignedVisitor | undefined;
}

export interface KnownVisitor extends Visitor {
  readonly guest: Guest;
}

export const isKnown = (visitor: Visitor): visitor is KnownVisitor => visitor.guest !== undefined;

export type Recognise = (req: IncomingMessage) => Promise<Visitor>;

/** @param cookie absent where visitors get none */
export const createRecognise =
  (identify: HandlerSettings['identify'], cookie: VisitorCookie | undefined): Recognise =>
  async (req) => {
    const named = identify && (await askHost(identify, req));
    const signed = cookie?.read(req);
    if (named) return { guest: named, identified: true, signed };
    return { guest: signed && { externalId: signed.id }, identified: false, signed };
  };

const askHost = async (
  identify: NonNullable<HandlerSettings['identify']>,
  req: IncomingMessage,
): Promise<Guest | undefined> => {
  const guest: unknown = await identified(identify, req);
  return guest === undefined || guest === null ? undefined : checkGuest(guest);
};

const identified = async (identify: NonNullable<HandlerSettings['identify']>, req: IncomingMessage) => {
  try {
    return await withinLimit(identify(req), () => new Error('no answer within 5 s'));
  } catch (cause) {
    throw identifyFailed(cause);
  }
};

/** The cause is the host's own error, for the host's own error handling: it is in no answer. */
const identifyFailed = (cause: unknown): GuestTokenError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const error = new GuestTokenError('identify_failed', `identify(req) failed: ${reason}`);
  return Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
};
