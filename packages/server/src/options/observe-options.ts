// Resolves the options of what operators see: the audit log and the events.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { deriveKey } from '../lib/derive-key.ts';
import { isLoopback } from '../lib/loopback.ts';
import { type Checked, checkFields } from '../lib/option-issues.ts';
import type { ResolvedAuditOptions } from '../observe/audit.ts';
import type { AuditSink } from '../observe/audit-entry.ts';
import type { ResolvedEventOptions } from '../observe/event-sender.ts';
import { functionReceiver, httpReceiver, type SendEvents } from '../observe/receivers.ts';
import { SECRET_PREFIX } from '../observe/signature.ts';
import type { Resolving } from './environment.ts';
import { callable, flag, shaped, type TOKEN_FIELDS, url, whole } from './fields.ts';

/** The option `audit`. */
export interface AuditOptions {
  /** Takes each entry, beside `auditLog()`: a log's `write`, a queue's `push`. Default none. */
  readonly sink?: AuditSink | undefined;
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
}

/** Sends CloudEvents; give `url` and `secret`, or `send`. At most 10,000 wait: then some are dropped, and counted. */
export interface EventsOptions {
  /** Where batches are posted, as `application/cloudevents-batch+json`, for 5 s at most. */
  readonly url?: string | undefined;
  /** Signs them after Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes; several while it is changed. */
  readonly secret?: string | readonly string[] | undefined;
  /**
   * Takes a batch in place of a URL, in 5 s. What it throws means that the batch was refused, or that the receiver is
   * down where the error has `retryable: true`, a `retryAfter` in seconds, or a network error's `code`.
   */
  readonly send?: SendEvents | undefined;
  /** With `redisStore`: events wait there, encrypted, survive a crash, and are sent at least once. Default false. */
  readonly durable?: boolean | undefined;
  /** Events of one batch, at most; with `durable` never more than 500. Default 100. */
  readonly batchSize?: number | undefined;
}

const SIGNING_ERROR = `must be '${SECRET_PREFIX}' and the base64 of 24 to 64 random bytes, such as \`echo ${SECRET_PREFIX}$(openssl rand -base64 32)\` prints`;

const signingSecret = shaped(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, SIGNING_ERROR);

const EVENT_FIELDS = {
  url,
  secret: z.union([signingSecret, z.array(signingSecret).min(1, { error: SIGNING_ERROR })], {
    error: SIGNING_ERROR,
  }),
  send: callable<SendEvents>('async (batch) => …'),
  durable: flag.default(false),
  batchSize: whole('events', 1, 10_000).default(100),
};

export const resolveAudit = (
  { key, sink, pseudonymize }: Checked<typeof TOKEN_FIELDS>['audit'],
  secrets: readonly string[],
  { warn }: Resolving,
): ResolvedAuditOptions => {
  if (pseudonymize && key === undefined) {
    warn(
      `audit.pseudonymize is set without audit.key, so a guest's pseudonym changes ${secrets.length > 0 ? 'when `secrets` do' : 'at every restart'}: set \`audit.key\``,
    );
  }
  return { key: key ?? defaultKey(secrets), sink, pseudonymize, instance: `${hostname()}:${process.pid}` };
};

/** The same on every instance where there are secrets; else good for this process alone. */
const defaultKey = ([first]: readonly string[]): string =>
  (first === undefined ? randomBytes(32) : deriveKey(first, 'audit')).toString('base64url');

/** @param durableStore whether the store can keep events */
export const resolveEvents = (
  given: Readonly<Record<string, unknown>> | undefined,
  durableStore: boolean,
  { issues, warn }: Resolving,
): ResolvedEventOptions | undefined => {
  if (given === undefined) return undefined;
  const { url, secret, send, durable, batchSize } = checkFields(EVENT_FIELDS, given, issues, 'events');
  const [hasUrl, hasSecret, hasSend] = ['url', 'secret', 'send'].map((name) => given[name] !== undefined);
  if (durable && !durableStore) {
    const message = 'needs `store: redisStore(…)`: there is nothing else that outlives the process';
    issues.add('events.durable', message);
  }
  if (hasUrl && hasSend) issues.add('events.send', 'cannot go with `url`: give one of them');
  else if (hasUrl && !hasSecret) issues.add('events.secret', `is missing: it ${SIGNING_ERROR}`);
  else if (!hasUrl && !hasSend) issues.add('events.url', 'is missing: give `url` and `secret`, or `send`');
  if (url?.startsWith('http:') && !isLoopback(url)) {
    warn('events.url is plain http, so who chats when can be read on the way: use https');
  }
  const receiver = send ? functionReceiver(send) : url && secret && httpReceiver(url, [secret].flat());
  return receiver ? { receiver, durable, batchSize } : undefined;
};
