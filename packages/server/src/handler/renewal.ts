// Gets a visitor a token, and decides what the page is told where that takes long or fails.
import { isGuestTokenError, isRefusal } from '../lib/errors.ts';
import { within } from '../lib/timers.ts';
import { errorName } from '../observe/log.ts';
import type { Observer } from '../observe/observer.ts';
import type { Found, Told } from '../tokens/ports.ts';
import type { Tokens } from '../tokens/token-service.ts';
import type { Admission } from './admission.ts';
import type { ResolvedHandlerOptions, RouteRequest } from './ports.ts';
import type { KnownVisitor } from './visitor.ts';

/** Seconds until a page asks again whose token is still being issued. */
const SOON = 2;

/** Seconds until a page asks again where the failure does not say how long it lasts. */
const LATER = 30;

/** Seconds until a page asks again where an operator has to act first. */
const MUCH_LATER = 300;

export const createRenewal = (
  service: Tokens,
  { webchatId, whenUnavailable, patience, log }: ResolvedHandlerOptions,
  admission: Admission,
  count: Observer['count'],
) => {
  const renew = async (request: RouteRequest, visitor: KnownVisitor, found: Found): Promise<Told> => {
    const { guest, identified } = visitor;
    const joins = service.isIssuing(webchatId, guest);
    const frequent = !joins && (await admission(request, visitor, found));
    const priority = identified ? 'known' : frequent ? 'frequent' : 'newcomer';
    const { trace } = request;
    return service.renew(webchatId, guest, { found, priority, signal: request.signal(), trace });
  };

  /** The answer to a page that cannot get a token now. */
  const withoutToken = (error: unknown): Told => {
    if (!isGuestTokenError(error)) {
      log('error', 'A token could not be had for a reason of our own', { error: errorName(error) });
    }
    if (isRefusal(error) || whenUnavailable === 'fail') throw error;
    return { renewIn: retryIn(error) };
  };

  /** @throws GuestTokenError in the mode `fail`, and in both where this visitor is refused */
  return async (request: RouteRequest, visitor: KnownVisitor, found: Found): Promise<Told> => {
    if (found.state === 'fresh' && found.token) {
      count('cacheStates', 'fresh');
      return { token: found.token };
    }
    const outcome = renew(request, visitor, found).catch(withoutToken);
    if (whenUnavailable === 'fail') return outcome;
    const late = new Error('late');
    const meanwhile = (error: unknown): Told => {
      if (error !== late) throw error;
      // The call goes on, but nobody waits for it any more: a failure is with the observer.
      return { token: found.token, renewIn: SOON };
    };
    return within(patience, outcome, () => late).catch(meanwhile);
  };
};

const retryIn = (error: unknown): number => {
  if (!isGuestTokenError(error)) return LATER;
  if (error.retryAfter !== undefined) return Math.max(1, error.retryAfter);
  return error.code === 'upstream_rejected' ? MUCH_LATER : LATER;
};
