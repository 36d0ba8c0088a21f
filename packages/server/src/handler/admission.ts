// Asked before a visitor causes a call to Genesys Cloud: whether the site admits them, and whether they have caused enough.
import { GuestTokenError } from '../lib/errors.ts';
import { withinHostLimit } from '../lib/host-time-limit.ts';
import { isPromise } from '../lib/promise.ts';
import { errorName } from '../observe/log.ts';
import type { Count, RateCounter } from '../store/ports.ts';
import type { Found } from '../tokens/ports.ts';
import { addressGroups } from './address-groups.ts';
import { createClientAddressOf } from './client-address.ts';
import type { HttpRequest, ResolvedHandlerOptions } from './ports.ts';
import { type Counted, createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import type { KnownVisitor } from './visitor.ts';

/**
 * Whether the visitor's address has caused several calls in this minute: who has caused less goes first. Synchronous where
 * nothing has to be waited for.
 * @throws GuestTokenError `not_admitted` or `too_many_guests`
 */
export type Admission = (
  request: HttpRequest,
  visitor: KnownVisitor,
  found: Found,
) => boolean | Promise<boolean>;

const MINUTE = 60_000;

const ADDRESS = 'address ';

/** Issues for one guest that no expiry made due, in a window of ms. More is a loop of forgetting and renewing. */
const GUEST_LIMIT = { limit: 6, window: 300_000 } as const;

/** Calls of one address in a minute up to which it counts as an occasional one. */
const OCCASIONAL = 2;

export const createAdmission = (
  options: ResolvedHandlerOptions,
  shared: RateCounter | undefined,
  consume: RateLimiter = createRateLimiter(shared),
): Admission => {
  const { admit, log, mintsPerMinute, newcomersPerMinute, webchatId } = options;
  const addressOf = createClientAddressOf(options);
  const counting = new Map<string, Promise<boolean>>();

  /** If `admit` throws, the visitor is not admitted: sites use it to keep robots out. */
  const askSite = async (ask: NonNullable<typeof admit>, { host }: HttpRequest): Promise<void> => {
    let admitted = false;
    try {
      admitted = (await withinHostLimit(ask(host as never))) === true;
    } catch (error) {
      log('error', 'admit(req) failed, so the visitor is not admitted', { error: errorName(error) });
    }
    if (!admitted) throw new GuestTokenError('not_admitted', 'The site did not admit this visitor.');
  };

  /** The address, where it is known, comes first. */
  const countsOf = (request: HttpRequest, { guest, identified }: KnownVisitor, { state }: Found): Count[] => {
    const { address, proxy } = addressOf(request);
    const counts: Count[] = [];
    if (proxy !== address) {
      for (const { name, share } of addressGroups(address)) {
        counts.push({ name: `${ADDRESS}${name}`, limit: mintsPerMinute * share, window: MINUTE });
      }
    }
    // All who come through one proxy that tells nobody apart are one crowd; members have a session of the site's.
    if (proxy !== undefined && !identified) {
      counts.push({ name: `proxy ${proxy}`, limit: newcomersPerMinute, window: MINUTE });
    }
    const due = state === 'expired' || state === 'ageing';
    if (!due) counts.push({ name: `guest ${webchatId} ${guest.externalId}`, ...GUEST_LIMIT });
    return counts;
  };

  /** Callers that ask for the same guest at the same time cause one call, and are counted once. */
  const count = (request: HttpRequest, visitor: KnownVisitor, found: Found): boolean | Promise<boolean> => {
    const counts = countsOf(request, visitor, found);
    const name = JSON.stringify([counts[0]?.name, visitor.guest.externalId]);
    const present = counting.get(name);
    if (present) return present;
    const counted = consume(counts);
    const judge = (done: Counted) => isFrequent(done, counts);
    if (!isPromise(counted)) return judge(counted);
    const admitted = counted.then(judge).finally(() => counting.delete(name));
    counting.set(name, admitted);
    return admitted;
  };

  return (request, visitor, found) =>
    admit && !visitor.identified && found.token === undefined
      ? askSite(admit, request).then(() => count(request, visitor, found))
      : count(request, visitor, found);
};

/** @throws GuestTokenError `too_many_guests` */
const isFrequent = (counted: Counted, [first]: readonly Count[]): boolean => {
  if (counted.retryAfter === undefined) {
    return first?.name.startsWith(ADDRESS) === true && counted.count > OCCASIONAL;
  }
  throw new GuestTokenError('too_many_guests', 'This address caused too many calls. Ask again later.', {
    retryAfter: counted.retryAfter,
  });
};
