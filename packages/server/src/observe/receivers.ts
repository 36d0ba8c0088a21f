// Sends a batch of events, to a URL as CloudEvents in batched HTTP mode or to a function of the site's, and reads the result.
import { clampDelay, networkError, parseRetryAfter } from '@genesys-guest/common';
import { within } from '../lib/timers.ts';
import type { CloudEvent } from './cloud-event.ts';
import { keyOf, messageId, signedHeaders } from './signature.ts';

/**
 * `delivered`; `refused`: it would be refused again; `too_large`: fewer at a time may do; `unavailable`: the receiver is
 * down, hung or overloaded, which says nothing of the batch.
 */
export interface Delivery {
  readonly kind: 'delivered' | 'refused' | 'too_large' | 'unavailable';
  /** A status or a code, for the log. */
  readonly why?: string | undefined;
  /** Seconds that the receiver asked to wait. */
  readonly retryAfter?: number | undefined;
}

/** Overload, a gateway without its server, and time-outs; the rest of 4xx and 5xx is the receiver's own word. */
const UNAVAILABLE: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

export const deliveryOfStatus = (status: number, retryAfter: number | undefined): Delivery => {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const why = `HTTP ${status}`;
  if (status === 413) return { kind: 'too_large', why };
  return { kind: UNAVAILABLE.has(status) ? 'unavailable' : 'refused', why, retryAfter };
};

const NETWORK = /^(E[A-Z]+|UND_ERR_[A-Z_]+)$/;

/**
 * What a function threw: `unavailable` where it is marked `retryable: true`, has a `retryAfter` in seconds, is a server's
 * fault by AWS' `$fault`, or has a network error's code; else `refused`.
 */
export const deliveryOfError = (error: unknown): Delivery => {
  const { name, code, retryable, retryAfter, $fault } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const seconds = typeof retryAfter === 'number' && retryAfter >= 0 ? retryAfter : undefined;
  const network = typeof code === 'string' && NETWORK.test(code);
  const passing = retryable === true || seconds !== undefined || network || $fault === 'server';
  return {
    kind: passing ? 'unavailable' : 'refused',
    why: network ? code : typeof name === 'string' ? name : typeof error,
    retryAfter: seconds,
  };
};

/** Never throws; over in `timeout` milliseconds whatever the receiver does. */
export type Receiver = (batch: readonly CloudEvent[], timeout: number) => Promise<Delivery>;

/** A rejection means that the batch was not taken. The signal is aborted when the time for it is over. */
export type SendEvents = (batch: readonly CloudEvent[], signal: AbortSignal) => Promise<unknown>;

export const httpReceiver = (url: string, secrets: readonly string[]): Receiver => {
  const keys = secrets.map(keyOf);
  return async (batch, timeout) => {
    const body = JSON.stringify(batch);
    const id = messageId(batch.map((event) => event.id));
    const headers = {
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      ...signedHeaders(keys, id, body, Date.now()),
    };
    try {
      const signal = AbortSignal.timeout(clampDelay(timeout));
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      // Nothing of it is read: it may be long, slow or hostile.
      await answer.body?.cancel();
      const retryAfter = answer.headers.get('retry-after');
      return deliveryOfStatus(answer.status, parseRetryAfter(retryAfter, Date.now()));
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      return { kind: 'unavailable', why: isLate ? 'timeout' : networkError((error as Error).cause).code };
    }
  };
};

export const functionReceiver =
  (send: SendEvents): Receiver =>
  async (batch, timeout) => {
    const controller = new AbortController();
    const late = new Error('late');
    try {
      const sending = (async () => send(batch, controller.signal))();
      await within(timeout, sending, () => late);
      return { kind: 'delivered' };
    } catch (error) {
      if (error !== late) return deliveryOfError(error);
      controller.abort();
      return { kind: 'unavailable', why: 'timeout' };
    }
  };
