// Asked before a visitor causes a call to Genesys Cloud: whether the site admits them, and whether their address may.
import type { IncomingMessage } from 'node:http';
import { GuestTokenError } from '../lib/errors.ts';
import { isPromise } from '../lib/promise.ts';
import type { AddressCounter } from '../store/ports.ts';
import type { Found } from '../tokens/token-service.ts';
import { type AddressLimiter, createAddressLimiter } from './address-limiter.ts';
import { createAddressOf } from './client-address.ts';
import { withinHostLimit } from './host-time-limit.ts';
import type { ResolvedHandlerOptions } from './ports.ts';
import type { KnownVisitor } from './visitor.ts';

/** @throws GuestTokenError `not_admitted` or `too_many_guests`; synchronous where nothing has to be waited for */
export type Admission = (req: IncomingMessage, visitor: KnownVisitor, found: Found) => void | Promise<void>;

export const createAdmission = (
  options: ResolvedHandlerOptions,
  addresses: AddressCounter | undefined,
  limiter: AddressLimiter = createAddressLimiter(options.mintsPerMinute, undefined, addresses),
): Admission => {
  const { admit, log } = options;
  const addressOf = createAddressOf(options);

  /** Who cannot be judged is not admitted: the question is asked to keep robots out. */
  const askSite = async (ask: NonNullable<typeof admit>, req: IncomingMessage): Promise<void> => {
    let admitted = false;
    try {
      admitted = (await withinHostLimit(ask(req))) === true;
    } catch (error) {
      log('error', 'admit(req) failed, so the visitor is not admitted', { error: String(error) });
    }
    if (!admitted) throw new GuestTokenError('not_admitted', 'The site did not admit this visitor.');
  };

  const countAddress = (req: IncomingMessage, { guest }: KnownVisitor): void | Promise<void> => {
    const address = addressOf(req);
    if (address === undefined) return undefined;
    const retryAfter = limiter.consume(address, guest.externalId);
    return isPromise(retryAfter) ? retryAfter.then(refuse) : refuse(retryAfter);
  };

  return (req, visitor, { token }) =>
    admit && !visitor.identified && token === undefined
      ? askSite(admit, req).then(() => countAddress(req, visitor))
      : countAddress(req, visitor);
};

const refuse = (retryAfter: number | undefined): void => {
  if (retryAfter === undefined) return;
  throw new GuestTokenError('too_many_guests', 'This address caused too many calls. Ask again later.', {
    retryAfter,
  });
};
