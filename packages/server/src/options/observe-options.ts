// Settles the options of what operators see: the audit log and the events.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { deriveKey } from '../lib/derive-key.ts';
import { checkFields, type Faults } from '../lib/option-issues.ts';
import type { AuditSettings } from '../observe/audit.ts';
import { type AuditFunction, type AuditSink, asSink } from '../observe/audit-sink.ts';
import type { CloudEvent } from '../observe/cloud-event.ts';
import type { EventSettings } from '../observe/event-sender.ts';
import { functionReceiver, httpReceiver, type SendEvents } from '../observe/receivers.ts';
import { keyOf, SECRET_PREFIX } from '../observe/signature.ts';
import { callable, flag, secret, text, url, whole } from './fields.ts';
import { isLoopback } from './origins.ts';

export interface AuditOptions {
  /**
   * Where entries go: `jsonLinesAudit(…)`, or a function that takes an entry; `auditLog()` shows the newest 1,000 beside
   * it. Default `memoryAudit({ max: 1_000 })`: they are shown there alone.
   */
  readonly sink?: AuditSink | AuditFunction | undefined;
  /**
   * Keys the hashes of tokens and of pseudonyms, 32 characters or more. Its own key, so that rotating `secrets` does not
   * break correlation. Default: derived from the first of `secrets`, so that hashes change when that does; without
   * secrets random, so that no two processes, and no two runs of one, have the same.
   */
  readonly key?: string | undefined;
  /**
   * Replaces `externalId` by a keyed hash in entries, log lines and events: the first 32 hex digits of the HMAC-SHA-256 of
   * `externalId:<id>` under `key`. `onInvalidate` and `on('invalidated')` still name the guest. Default false.
   */
  readonly pseudonymize?: boolean | undefined;
  /** Which process this is, in every entry. Default `<host name>:<process id>`. */
  readonly instance?: string | undefined;
}

/** Sends CloudEvents; give `url` and `secret`, or `send`. */
export interface EventsOptions {
  /** Where batches are posted, as `application/cloudevents-batch+json`. */
  readonly url?: string | undefined;
  /** Signs them after Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes; several while it is changed. */
  readonly secret?: string | readonly string[] | undefined;
  /**
   * Takes a batch in place of a URL. What it throws means that the batch was refused, or that the receiver is down where
   * the error has `retryable: true`, a `retryAfter` in seconds, or a network error's `code`.
   */
  readonly send?: SendEvents | undefined;
  /** With `redisStore`: events wait there, sealed, survive a crash, and are sent at least once. Default false. */
  readonly durable?: boolean | undefined;
  /** Events that may wait; above it new ones are dropped and counted. Default 10,000. */
  readonly maxQueue?: number | undefined;
  /** Events of one batch, at most. Default 100. */
  readonly batchSize?: number | undefined;
  /** Milliseconds of one try. Default 5,000. */
  readonly timeout?: number | undefined;
  /** How often a batch may be refused before it is set aside. A receiver that is down refuses nothing. Default 8. */
  readonly tries?: number | undefined;
  /** Milliseconds that `close()` goes on sending. Default 5,000. */
  readonly closeWithin?: number | undefined;
  /** Gets what is set aside, to keep it elsewhere. */
  readonly onSetAside?: ((batch: readonly CloudEvent[]) => void) | undefined;
}

const AUDIT_FIELDS = {
  key: secret,
  sink: z.custom<AuditSink | AuditFunction>(
    (value) =>
      typeof value === 'function' ||
      typeof (value as { readonly write?: unknown } | null)?.write === 'function',
    { error: 'must be what memoryAudit(…) or jsonLinesAudit(…) returns, or a function that takes an entry' },
  ),
  pseudonymize: flag,
  instance: text('a name of this process'),
};

const SIGNING_ERROR = `must be '${SECRET_PREFIX}' and the base64 of 24 to 64 random bytes, such as \`echo ${SECRET_PREFIX}$(openssl rand -base64 32)\` prints`;

const signingSecret = z
  .string({ error: SIGNING_ERROR })
  .refine((value) => /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value) && isKeyLong(keyOf(value)), {
    error: SIGNING_ERROR,
  });

const isKeyLong = ({ length }: Buffer): boolean => length >= 24 && length <= 64;

const EVENT_FIELDS = {
  url,
  secret: z.union([signingSecret, z.array(signingSecret).min(1, { error: SIGNING_ERROR })], {
    error: SIGNING_ERROR,
  }),
  send: callable<SendEvents>('async (batch) => …'),
  durable: flag,
  maxQueue: whole('events', 1, 10_000_000),
  batchSize: whole('events', 1, 10_000),
  timeout: whole('milliseconds', 1, 600_000),
  tries: whole('tries', 1, 1_000),
  closeWithin: whole('milliseconds', 0, 600_000),
  onSetAside: callable<(batch: readonly CloudEvent[]) => void>('(batch) => …'),
};

export const settleAudit = (
  given: unknown,
  secrets: readonly string[],
  faults: Faults,
  warn: (message: string) => void,
): AuditSettings => {
  const own = checkFields(AUDIT_FIELDS, given, faults, 'audit');
  const { key, sink, pseudonymize = false } = own;
  if (pseudonymize && key === undefined) {
    warn(
      `audit.pseudonymize is set without audit.key, so a guest's pseudonym changes ${secrets.length > 0 ? 'when `secrets` do' : 'at every restart'}: set \`audit.key\``,
    );
  }
  return {
    key: key ?? defaultKey(secrets),
    sink: sink && asSink(sink),
    pseudonymize,
    instance: own.instance ?? `${hostname()}:${process.pid}`,
  };
};

/** The same on every instance where there are secrets; else good for this process alone. */
const defaultKey = ([first]: readonly string[]): string =>
  (first === undefined ? randomBytes(32) : deriveKey(first, 'audit')).toString('base64url');

/** @param durableStore whether the store can keep events */
export const settleEvents = (
  given: unknown,
  durableStore: boolean,
  faults: Faults,
  warn: (message: string) => void,
): EventSettings | undefined => {
  if (given === undefined) return undefined;
  const own = checkFields(
    EVENT_FIELDS,
    typeof given === 'function' ? { send: given } : given,
    faults,
    'events',
  );
  if (own.durable && !durableStore) {
    faults.add(
      'events.durable',
      'needs `store: redisStore(…)`: there is nothing else that outlives the process',
    );
  }
  const receiver = settleReceiver(own, given, faults, warn);
  return (
    receiver && {
      receiver,
      durable: own.durable ?? false,
      maxQueue: own.maxQueue ?? 10_000,
      batchSize: own.batchSize ?? 100,
      timeout: own.timeout ?? 5_000,
      tries: own.tries ?? 8,
      closeWithin: own.closeWithin ?? 5_000,
      onSetAside: own.onSetAside,
    }
  );
};

const settleReceiver = (
  own: { readonly [K in 'url' | 'secret' | 'send']: unknown },
  given: unknown,
  faults: Faults,
  warn: (message: string) => void,
): EventSettings['receiver'] | undefined => {
  const { url, secret, send } = own as Pick<EventsOptions, 'url' | 'secret' | 'send'>;
  const has = (name: string): boolean =>
    typeof given === 'object' && (given as Record<string, unknown> | null)?.[name] !== undefined;
  if (send) {
    if (has('url')) faults.add('events.send', 'cannot go with `url`: give one of them');
    return () => functionReceiver(send);
  }
  if (!has('url') && !has('send')) faults.add('events.url', 'is missing: give `url` and `secret`, or `send`');
  if (has('url') && !has('secret')) faults.add('events.secret', `is missing: it ${SIGNING_ERROR}`);
  if (url === undefined || secret === undefined) return undefined;
  if (url.startsWith('http:') && !isLoopback(url)) {
    warn('events.url is plain http, so who chats when can be read on the way: use https');
  }
  const secrets = typeof secret === 'string' ? [secret] : secret;
  return () => httpReceiver(url, secrets);
};
