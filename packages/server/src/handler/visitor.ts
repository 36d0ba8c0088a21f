// Says who a visitor is: whom the site names, else whom our cookie names, else nobody yet.
import { type CheckedGuest, isAnonymousId } from '@genesys-guest/common';
import { GuestTokenError } from '../lib/errors.ts';
import { withinHostLimit } from '../lib/host-time-limit.ts';
import { chain, isPromise } from '../lib/promise.ts';
import { checkGuest } from '../tokens/guest.ts';
import type { GuestFacts } from '../tokens/onboarding-config.ts';
import type { HttpRequest, ResolvedHandlerOptions } from './ports.ts';
import type { SignedVisitor } from './signed-cookie.ts';
import type { VisitorCookie } from './visitor-cookie.ts';

export interface Visitor {
  /** `undefined` for a first-time visitor. */
  readonly guest: CheckedGuest | undefined;
  /** The site itself says who this is. */
  readonly identified: boolean;
  /** What the cookie says, also of a visitor whom the site names. */
  readonly signed: SignedVisitor | undefined;
}

export type KnownVisitor = Visitor & { readonly guest: CheckedGuest };

export const isKnown = (visitor: Visitor): visitor is KnownVisitor => visitor.guest !== undefined;

/** What a mount with members or proofs tells a page of its guest. */
export type FactsOf = (visitor: KnownVisitor) => GuestFacts;

/** Whom the site itself names; `undefined` for nobody. @throws GuestTokenError `identify_failed` or `guest_invalid` */
export type Identify = (request: HttpRequest) => CheckedGuest | undefined | Promise<CheckedGuest | undefined>;

/** Synchronous where the host's `identify` is. @throws GuestTokenError `identify_failed` or `guest_invalid` */
export type VisitorOf = (request: HttpRequest) => Visitor | Promise<Visitor>;

/** What `identify` may return for a visitor who is not signed in. */
const NOBODY: ReadonlySet<unknown> = new Set([undefined, null, false, '']);

/** @param cookie absent where visitors get none */
export const createVisitorOf = (identify: Identify, cookie: VisitorCookie | undefined): VisitorOf => {
  const visitorOf = (request: HttpRequest, member: CheckedGuest | undefined): Visitor => {
    const signed = cookie?.read(request);
    if (member) return { guest: member, identified: true, signed };
    return { guest: signed && { externalId: signed.id }, identified: false, signed };
  };
  return (request) => chain(identify(request), (member) => visitorOf(request, member));
};

export const createIdentify = (identify: ResolvedHandlerOptions['identify']): Identify => {
  if (!identify) return () => undefined;
  const check = (named: unknown): CheckedGuest | undefined =>
    NOBODY.has(named) ? undefined : checkMember(named);
  const ask = (request: HttpRequest): unknown => {
    try {
      return withinHostLimit(identify(request.host as never));
    } catch (cause) {
      throw identifyFailed(cause);
    }
  };
  return (request) => {
    const named = ask(request);
    if (!isPromise(named)) return check(named);
    return Promise.resolve(named).then(check, (cause: unknown) => {
      throw identifyFailed(cause);
    });
  };
};

/** @throws GuestTokenError `guest_invalid`, also where a member's id looks like an anonymous guest's: it could be one. */
const checkMember = (named: unknown): CheckedGuest => {
  const guest = checkGuest(named);
  if (!isAnonymousId(guest.externalId)) return guest;
  const message =
    'must not have the shape of an anonymous guest, `guest-` and 24 characters: give it a prefix';
  throw new GuestTokenError(
    'guest_invalid',
    `identify(req) returned a guest that is refused: externalId ${message}`,
    {
      errors: [{ field: 'externalId', message }],
    },
  );
};

/** The cause is the host's own error, for the host's own error handling: it is in no answer. */
const identifyFailed = (cause: unknown): GuestTokenError => {
  const reason = cause instanceof Error ? cause.message : typeof cause;
  return new GuestTokenError('identify_failed', `identify(req) failed: ${reason}`, { cause });
};
