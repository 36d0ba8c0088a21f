// Remembers for a short time what the platform refused for good, so that a wrong set-up does not become a storm.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { GuestTokenError } from '../lib/errors.ts';
import type { GuestTokenRequest } from './ports.ts';
import type { Failure } from './upstream-error.ts';

/** Milliseconds. Long enough to calm a storm, short enough that a set-up which was put right works soon. */
const REMEMBERED = 30_000;

/** Entries. */
const MAX = 1_000;

/**
 * Different guests that one deployment must be refused in a row, and alike, before it counts as the set-up's fault. What
 * one guest is refused for (a nickname that a firewall does not like) is nobody else's.
 */
const GUESTS_REFUSED = 3;

const CLIENT = 'client';

/** After a success. Stays empty: a refusal has a status, and begins a row of its own. */
const NOBODY = new Set<string>();

/** The guests refused alike since the last success, and when that was. */
interface Row {
  readonly status: number | undefined;
  readonly guests: Set<string>;
  readonly succeededAt: number;
}

export class NegativeCache {
  readonly #now: () => number;
  readonly #entries = new LRUCache<string, { readonly refusal: GuestTokenError; readonly until: number }>({
    max: MAX,
  });
  /** By deployment. */
  readonly #inARow = new LRUCache<string, Row>({ max: MAX });

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The refusal that this request would meet again, if any. */
  recall(request: GuestTokenRequest): GuestTokenError | undefined {
    if (this.#entries.size === 0) return undefined;
    return this.#get(CLIENT) ?? this.#get(deploymentOf(request)) ?? this.#get(payloadOf(request));
  }

  /** @param refusal what callers are told */
  remember(request: GuestTokenRequest, { kind, call, status }: Failure, refusal: GuestTokenError): void {
    if (kind !== 'final' && kind !== 'credentials') return;
    if (call === 'oauth') {
      this.#set(CLIENT, refusal);
      return;
    }
    this.#set(payloadOf(request), refusal);
    const deployment = deploymentOf(request);
    const before = this.#inARow.get(deployment);
    const { succeededAt = Number.NEGATIVE_INFINITY } = before ?? {};
    const row =
      before && before.status === status ? before : { status, guests: new Set<string>(), succeededAt };
    this.#inARow.set(deployment, row);
    if (row.guests.size < GUESTS_REFUSED) row.guests.add(request.guest.externalId);
    // A set-up with which others have just got theirs is not at fault: a few members with such nicknames stop nobody else.
    const works = this.#now() - succeededAt < REMEMBERED;
    if (row.guests.size === GUESTS_REFUSED && !works) this.#set(deployment, refusal);
  }

  /** A guest of this deployment was given a token. */
  succeeded(request: GuestTokenRequest): void {
    const none = { status: undefined, guests: NOBODY, succeededAt: this.#now() };
    this.#inARow.set(deploymentOf(request), none);
  }

  #get(name: string): GuestTokenError | undefined {
    const entry = this.#entries.get(name);
    return entry && this.#now() < entry.until ? entry.refusal : undefined;
  }

  #set(name: string, refusal: GuestTokenError): void {
    this.#entries.set(name, { refusal, until: this.#now() + REMEMBERED });
  }
}

const deploymentOf = ({ webchatId }: GuestTokenRequest): string => `webchat:${webchatId}`;

/** A hash: the payload itself may hold what nobody should keep. */
const payloadOf = ({ guest, webchatId }: GuestTokenRequest): string => {
  const payload = JSON.stringify([webchatId, guest.externalId, guest.attributes]);
  return `payload:${createHash('sha256').update(payload).digest('base64')}`;
};
