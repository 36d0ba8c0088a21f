// Says who a visitor is: whom the site names, else whom our cookie names, else nobody yet.
import type { IncomingMessage } from 'node:http';
import type { Guest } from '@genesys-guest/common';
import { GuestTokenError } from '../lib/errors.ts';
import { isPromise } from '../lib/promise.ts';
import { checkGuest } from '../tokens/guest.ts';
import { withinHostLimit } from './host-time-limit.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import type { SignedVisitor } from './signed-cookie.ts';
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

/** Synchronous where the host's `identify` is. @throws GuestTokenError `identify_failed` or `guest_invalid` */
export type VisitorOf = (req: IncomingMessage) => Visitor | Promise<Visitor>;

/** @param cookie absent where visitors get none */
export const createVisitorOf = (
  identify: ResolvedHandlerOptions['identify'],
  cookie: VisitorCookie | undefined,
): VisitorOf => {
  const visitorOf = (req: IncomingMessage, named: unknown): Visitor => {
    const signed = cookie?.read(req);
    if (named !== undefined && named !== null) return { guest: checkGuest(named), identified: true, signed };
    return { guest: signed && { externalId: signed.id }, identified: false, signed };
  };
  if (!identify) return (req) => visitorOf(req, undefined);
  return (req) => {
    const named = ask(identify, req);
    if (!isPromise(named)) return visitorOf(req, named);
    return Promise.resolve(named).then(
      (guest) => visitorOf(req, guest),
      (cause: unknown) => {
        throw identifyFailed(cause);
      },
    );
  };
};

const ask = (identify: NonNullable<ResolvedHandlerOptions['identify']>, req: IncomingMessage): unknown => {
  try {
    return withinHostLimit(identify(req));
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
