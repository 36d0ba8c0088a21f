// Sends a batch of events: to a URL as CloudEvents in batched HTTP mode, or to a function of the site's.
import { clampDelay, parseRetryAfter } from '@genesys-guest/common';
import { createExchange, ExchangeError } from '../../genesys/exchange.ts';
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
  const exchange = createExchange(1);
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
        const answer = await exchange.post({ url, headers, body }, timeout);
        const retryAfter = answer.headers['retry-after'];
        return deliveryOfStatus(answer.status, parseRetryAfter(retryAfter, Date.now()));
      } catch (error) {
        return { kind: 'unavailable', why: error instanceof ExchangeError ? error.kind : 'network' };
      }
    },
    close: exchange.close,
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
