// The results of sending a batch, read from what a receiver answers or throws.

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
