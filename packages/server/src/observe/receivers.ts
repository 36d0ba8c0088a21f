// Sends a batch of events: to a URL as CloudEvents in batched HTTP mode, or to a function of the site's.
import { clampDelay, parseRetryAfter } from '@genesys-guest/common';
import { within } from '../lib/timers.ts';
import type { CloudEvent } from './cloud-event.ts';
import { type Delivery, deliveryOfError, deliveryOfStatus } from './delivery.ts';
import { keyOf, messageId, signedHeaders } from './signature.ts';

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
      return { kind: 'unavailable', why: isLate ? 'timeout' : 'network' };
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
