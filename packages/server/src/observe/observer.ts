// Hears of everything that happens to guest tokens and passes it on: counters, audit, events and the log.
import { EventEmitter } from 'node:events';
import type { GuestTokenError } from '../errors.ts';
import type { Call, Failure } from '../genesys/platform-errors.ts';
import type { Invalidation, TokenSettings } from '../options/settings.ts';
import type { GuestToken } from '../store/store.ts';
import { type AuditEntry, createAudit } from './audit.ts';
import { createCounters, type Telemetry } from './telemetry.ts';

/** What listeners hear. Never a token. */
export interface GuestTokenEvents {
  readonly issued: AuditEntry;
  readonly renewed: AuditEntry;
  readonly failed: AuditEntry;
  readonly invalidated: Invalidation;
}

/** Whom a provisioning is for. */
export interface Subject {
  readonly externalId: string;
  readonly webchatId: string;
  readonly attributesCount: number;
}

export interface Observer {
  provisioned(action: 'ISSUED' | 'RENEWED', subject: Subject, token: GuestToken, latencyMs: number): void;
  failed(subject: Subject, error: GuestTokenError, latencyMs: number): void;
  forgotten(subject: Subject): void;
  invalidated(invalidation: Invalidation): void;
  cacheHit(): void;
  called(call: Call, latencyMs: number, failure: Failure | undefined): void;
  telemetry(): Telemetry;
  auditLog(): AuditEntry[];
  on<E extends keyof GuestTokenEvents>(event: E, listener: (detail: GuestTokenEvents[E]) => void): () => void;
  close(): void;
}

export const createObserver = ({ audit: auditSettings, log, onInvalidate }: TokenSettings): Observer => {
  const audit = createAudit(auditSettings);
  const counters = createCounters();
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);

  /** A listener that throws is the site's fault and may not take a token from a visitor. */
  const guarded = (what: string, action: () => void): void => {
    try {
      action();
    } catch (error) {
      log('error', `${what} threw; it is ignored`, {
        error: error instanceof Error ? error.name : typeof error,
      });
    }
  };
  const entry = (action: AuditEntry['action'], subject: Subject, latencyMs: number) => ({
    timestamp: new Date().toISOString(),
    action,
    latencyMs,
    ...subject,
  });

  return {
    provisioned: (action, subject, { token }, latencyMs) => {
      counters.provisioned(action, latencyMs);
      const recorded = audit.record(entry(action, subject, latencyMs), token);
      emitter.emit(action === 'ISSUED' ? 'issued' : 'renewed', recorded);
    },
    failed: (subject, { code, message, correlationId }, latencyMs) => {
      counters.failed();
      const reason = `${code}: ${message}`;
      const recorded = audit.record({
        ...entry('FAILED', subject, latencyMs),
        reason,
        ...(correlationId !== undefined && { correlationId }),
      });
      const { externalId, webchatId } = subject;
      log(code === 'upstream_rejected' ? 'error' : 'warn', message, {
        code,
        externalId,
        webchatId,
        correlationId,
      });
      emitter.emit('failed', recorded);
    },
    forgotten: (subject) => {
      audit.record(entry('FORGOTTEN', subject, 0));
    },
    invalidated: (invalidation) => {
      if (onInvalidate) guarded('onInvalidate', () => onInvalidate(invalidation));
      emitter.emit('invalidated', invalidation);
    },
    cacheHit: counters.cacheHit,
    called: (call, latencyMs, failure) => {
      counters.upstreamCall();
      if (!failure) return;
      const { reason, mend, status, correlationId, retryAfter } = failure;
      log('debug', `A ${call} call failed: ${reason}. ${mend}`, {
        call,
        latencyMs,
        status,
        correlationId,
        retryAfter,
      });
    },
    telemetry: counters.read,
    auditLog: audit.entries,
    on: (event, listener) => {
      const safely = (detail: GuestTokenEvents[typeof event]): void =>
        guarded(`A listener of '${event}'`, () => listener(detail));
      emitter.on(event, safely);
      return () => {
        emitter.off(event, safely);
      };
    },
    close: () => {
      emitter.removeAllListeners();
    },
  };
};
