// Sends a batch of events: to a URL as CloudEvents in batched HTTP mode, or to a function of the site's.
import { clampDelay, parseRetryAfter } from '@genesys-guest/common';
import type { CloudEvent } from './cloud-event.ts';
import { type Delivery, deliveryOfError, deliveryOfStatus } from './delivery.ts';
import { keyOf, messageId, signedHeaders } from './signature.ts';

export interface Receiver {
  /** Never throws; over in `timeout` milliseconds whatever the receiver does. */
  send(batch: readonly CloudEvent[], timeout: number): Promise<Delivery>;
  close(): Promise<void>;
}

/** `Promise` of whatever; a rejection means that the batch was not taken. */
export type SendEvents = (batch: readonly CloudEvent[], signal: AbortSignal) => Promise<unknown>;

export const httpReceiver = (url: string, secrets: readonly string[]): Receiver => {
  const keys = secrets.map(keyOf);
  return {
    send: async (batch, timeout) => {
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
    },
    close: async () => {},
  };
};

export const functionReceiver = (send: SendEvents): Receiver => ({
  send: (batch, timeout) =>
    new Promise((resolve) => {
      const controller = new AbortController();
      const timer = setTimeout(() => {
        resolve({ kind: 'unavailable', why: 'timeout' });
        controller.abort();
      }, clampDelay(timeout));
      const call = async () => send(batch, controller.signal);
      call()
        .then(
          () => resolve({ kind: 'delivered' }),
          (error: unknown) => resolve(deliveryOfError(error)),
        )
        .finally(() => clearTimeout(timer));
    }),
  close: async () => {},
});
