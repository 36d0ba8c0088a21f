// The errors that this package throws: one family, told apart by `code`, none of which ever holds a secret or a token.
import { PROBLEMS, type ProblemCode } from '@genesys-guest/common';

/** What is wrong with one field of a guest, or with one option. */
export interface FieldError {
  /** Where it is, such as `upstream.perMinute`. */ readonly field: string;
  /** What is wrong, and how to mend it. */ readonly message: string;
}

export type GuestTokenErrorDetails = {
  readonly [K in 'retryAfter' | 'correlationId' | 'errors' | 'cause']?: GuestTokenError[K] | undefined;
};

/** A guest token could not be had. `code` says why and is stable; `message` is for people. */
export class GuestTokenError extends Error {
  /** Always `GuestTokenError`. */ override readonly name = 'GuestTokenError';
  /** Why there is no token. */ readonly code: ProblemCode;
  /** The HTTP status that this answers with. */
  readonly status: number;
  /** Seconds, where waiting helps. */
  readonly retryAfter?: number;
  /** Genesys Cloud's own id of the failed call: what its support asks for. */
  readonly correlationId?: string;
  /** With `guest_invalid`: each fault by field. */
  readonly errors?: readonly FieldError[];

  constructor(code: ProblemCode, message: string, details: GuestTokenErrorDetails = {}) {
    super(message, details);
    this.code = code;
    this.status = PROBLEMS[code].status;
    Object.assign(this, details);
  }
}

/** True also for errors of another copy of this package: an ES module's tokens may serve a CommonJS handler. */
export const isGuestTokenError = (error: unknown): error is GuestTokenError =>
  error instanceof GuestTokenError || (error instanceof Error && error.name === 'GuestTokenError');

/** Whether a caller was refused for a reason of its own, not for the state of Genesys Cloud: other callers may succeed. */
export const isRefusal = (error: unknown): boolean =>
  isGuestTokenError(error) && !error.code.startsWith('upstream_');

/** The options do not work. Thrown once, at start; `errors` and the message list every fault and how to mend it. */
export class ConfigurationError extends Error {
  /** Always `ConfigurationError`. */ override readonly name = 'ConfigurationError';
  /** Always `configuration_invalid`. */ readonly code = 'configuration_invalid';
  /** Every fault. */ readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    const list = errors.map(({ field, message }) => `  - ${field}: ${message}`).join('\n');
    super(`genesys-guest is not configured correctly:\n${list}`);
    this.errors = errors;
  }
}
