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

/** The guests refused alike since the last success. */
interface Row {
  readonly status: number | undefined;
  readonly guests: Set<string>;
}

export class NegativeCache {
  readonly #refusals: LRUCache<string, GuestTokenError>;
  /** By deployment. */
  readonly #inARow = new LRUCache<string, Row>({ max: MAX });
  /** Deployments in which a guest was given a token. */
  readonly #working: LRUCache<string, true>;

  constructor(now: () => number) {
    const kept = { max: MAX, ttl: REMEMBERED, ttlResolution: 0, perf: { now } };
    this.#refusals = new LRUCache(kept);
    this.#working = new LRUCache(kept);
  }

  /** The refusal that this request would meet again, if any. */
  recall(request: GuestTokenRequest): GuestTokenError | undefined {
    const known = this.#refusals;
    if (known.size === 0) return undefined;
    return known.get(CLIENT) ?? known.get(deploymentOf(request)) ?? known.get(payloadOf(request));
  }

  /** @param refusal what callers are told */
  remember(request: GuestTokenRequest, { kind, call, status }: Failure, refusal: GuestTokenError): void {
    if (kind !== 'final' && kind !== 'credentials') return;
    this.#refusals.set(call === 'oauth' ? CLIENT : payloadOf(request), refusal);
    if (call === 'oauth') return;
    const deployment = deploymentOf(request);
    const before = this.#inARow.get(deployment);
    const row = before && before.status === status ? before : { status, guests: new Set<string>() };
    this.#inARow.set(deployment, row);
    if (row.guests.size < GUESTS_REFUSED) row.guests.add(request.guest.externalId);
    // A set-up with which others have just got theirs is not at fault: a few members with such nicknames stop nobody else.
    const works = this.#working.has(deployment);
    if (row.guests.size === GUESTS_REFUSED && !works) this.#refusals.set(deployment, refusal);
  }

  /** A guest of this deployment was given a token. */
  succeeded(request: GuestTokenRequest): void {
    this.#inARow.delete(deploymentOf(request));
    this.#working.set(deploymentOf(request), true);
  }
}

const deploymentOf = ({ webchatId }: GuestTokenRequest): string => `webchat:${webchatId}`;

/** A hash: the payload itself may hold what nobody should keep. */
const payloadOf = ({ guest, webchatId }: GuestTokenRequest): string => {
  const payload = JSON.stringify([webchatId, guest.externalId, guest.attributes]);
  return `payload:${createHash('sha256').update(payload).digest('base64')}`;
};
