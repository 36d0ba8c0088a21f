// Asked before a visitor causes a call to Genesys Cloud: whether the site admits them, and whether their address may.
import type { IncomingMessage } from 'node:http';
import { GuestTokenError } from '../errors.ts';
import type { HandlerSettings } from '../options/settings.ts';
import type { Core } from '../tokens/core.ts';
import type { KnownVisitor } from '../visitor/recognise.ts';
import { withinLimit } from '../visitor/time-limit.ts';
import { createAddressOf } from './address.ts';
import { type AddressLimiter, createAddressLimiter } from './address-limiter.ts';

/** @throws GuestTokenError `not_admitted` or `too_many_guests` */
export type Gate = (req: IncomingMessage, visitor: KnownVisitor) => Promise<void>;

export const createGate = (
  core: Pick<Core, 'find' | 'shared'>,
  settings: HandlerSettings,
  limiter: AddressLimiter = createAddressLimiter(settings.mintsPerMinute, undefined, core.shared?.addresses),
): Gate => {
  const { admit, webchatId, log } = settings;
  const addressOf = createAddressOf(settings);

  const isNew = async ({ guest, identified }: KnownVisitor): Promise<boolean> => {
    if (identified) return false;
    const { token } = await core.find(webchatId, guest);
    return token === undefined;
  };

  /** Who cannot be judged is not admitted: the question is asked to keep robots out. */
  const isAdmitted = async (ask: NonNullable<typeof admit>, req: IncomingMessage): Promise<boolean> => {
    try {
      return (await withinLimit(ask(req), () => new Error('no answer within 5 s'))) === true;
    } catch (error) {
      log('error', 'admit(req) failed, so the visitor is not admitted', { error: String(error) });
      return false;
    }
  };

  return async (req, visitor) => {
    if (admit && (await isNew(visitor)) && !(await isAdmitted(admit, req))) {
      throw new GuestTokenError('not_admitted', 'The site did not admit this visitor.');
    }
    const address = addressOf(req);
    const retryAfter = address === undefined ? undefined : await limiter.consume(address);
    if (retryAfter !== undefined) {
      throw new GuestTokenError('too_many_guests', 'This address caused too many calls. Ask again later.', {
        retryAfter,
      });
    }
  };
};
