// Refuses calls while the platform is down, and sends one probe now and then until it answers again.
import { backoff } from '@genesys-guest/common';
import type { GuestTokenError } from '../lib/errors.ts';
import { type Failure, UpstreamError, unavailable } from './upstream-error.ts';

/** Failures in a row after which the platform is taken to be down. */
const THRESHOLD = 10;

/** Between two probes, in ms: doubled from one to the next, and half of it at random so that instances do not probe in step. */
const PROBES = { base: 500, cap: 15_000 } as const;

/** @param onOpen hears when the platform is taken to be down: whoever waits for a turn need not wait */
export const createCircuitBreaker = (
  now: () => number,
  random: () => number,
  onOpen: (error: GuestTokenError) => void,
) => {
  let failures = 0;
  /** Times that it was opened since the platform last answered. */
  let opened = 0;
  let probeAt = 0;
  let probing = false;
  let last: Failure | undefined;

  const down = (): GuestTokenError =>
    unavailable(
      `Genesys Cloud is taken to be down after repeated failures${last ? `, the last: ${last.reason}. ${last.fix}` : ''}`,
      1 + Math.ceil(Math.max(0, probeAt - now()) / 1_000),
      last?.correlationId,
    );
  const check = (): void => {
    if (opened > 0 && (probing || now() < probeAt)) throw down();
  };
  const open = (): void => {
    opened += 1;
    probeAt = now() + backoff(opened, PROBES, random(), backoff(opened, PROBES, 1));
    onOpen(down());
  };

  return {
    /** @throws GuestTokenError `upstream_unavailable` where no call may leave now */
    check,
    /** A call begins. @returns whether it is the probe, for `ended` @throws what `check` throws */
    began: (): boolean => {
      check();
      probing = opened > 0;
      return probing;
    },
    /** @param error with which the call ended, if it did not succeed */
    ended: (isProbe: boolean, error?: unknown): void => {
      const failure = error instanceof UpstreamError ? error.failure : undefined;
      const { status = 0, kind } = failure ?? {};
      const isDown = kind === 'transient';
      if (isDown) {
        last = failure;
        failures += 1;
      }
      // A refusal (4xx), also of too many calls (429), is an answer: the platform is not down.
      if (!error || (status >= 400 && status < 500)) failures = opened = 0;
      // Also for a probe that never left, because its caller hung up or its turn did not come: it has shown nothing.
      else if (isProbe || (isDown && failures === THRESHOLD)) open();
      if (isProbe) probing = false;
    },
    get state(): 'closed' | 'half-open' | 'open' {
      if (opened === 0) return 'closed';
      return probing ? 'half-open' : 'open';
    },
  };
};
