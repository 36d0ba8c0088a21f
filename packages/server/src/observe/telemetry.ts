// Counts what the guest tokens do, in constant memory.
import { createHistogram } from 'node:perf_hooks';

/** Figures since start, of this process. */
export interface Telemetry {
  /** Tokens made for guests who had none. */
  readonly issued: number;
  /** Tokens made for guests who had one. */
  readonly renewed: number;
  /** Provisionings that failed, each counted once however many tries it took. */
  readonly failed: number;
  /** Answers with a token that was there already. */
  readonly cacheHits: number;
  /** Calls that left for the platform, repetitions and OAuth included. */
  readonly upstreamCalls: number;
  /** Milliseconds from the first wait to the token, of those that were made. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
}

export interface Counters {
  provisioned(action: 'ISSUED' | 'RENEWED', latencyMs: number): void;
  failed(): void;
  cacheHit(): void;
  upstreamCall(): void;
  read(): Telemetry;
}

export const createCounters = (): Counters => {
  const counts = { issued: 0, renewed: 0, failed: 0, cacheHits: 0, upstreamCalls: 0 };
  // Node's own HDR histogram, in microseconds: two significant digits are enough for a percentile.
  const latency = createHistogram({ lowest: 1, highest: 600_000_000, figures: 2 });
  const percentile = (p: number): number => (latency.count === 0 ? 0 : latency.percentile(p) / 1_000);
  return {
    provisioned: (action, latencyMs) => {
      counts[action === 'ISSUED' ? 'issued' : 'renewed'] += 1;
      latency.record(Math.max(1, Math.round(latencyMs * 1_000)));
    },
    failed: () => {
      counts.failed += 1;
    },
    cacheHit: () => {
      counts.cacheHits += 1;
    },
    upstreamCall: () => {
      counts.upstreamCalls += 1;
    },
    read: () => ({ ...counts, latencyMs: { p50: percentile(50), p95: percentile(95), p99: percentile(99) } }),
  };
};
