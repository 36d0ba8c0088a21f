// Answers as data, and the forms that the platform gives them.
import { randomUUID } from 'node:crypto';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** Codes that the platform gives where nothing more exact is known. */
const CODES: Readonly<Record<number, string>> = {
  400: 'bad.request',
  401: 'bad.credentials',
  403: 'not.authorized',
  404: 'not.found',
  405: 'method.not.allowed',
  408: 'request.timeout',
  409: 'conflict',
  413: 'request.entity.too.large',
  415: 'unsupported.media.type',
  429: 'too.many.requests.retry.after',
  500: 'internal.server.error',
  502: 'bad.gateway',
  503: 'service.unavailable',
  504: 'gateway.timeout',
};

export interface Detail {
  readonly errorCode: string;
  readonly fieldName: string;
}

export interface PlatformFault {
  readonly status: number;
  readonly message: string;
  readonly code?: string | undefined;
  /** What `message` is with its parameters filled in: `field {name}`. */
  readonly template?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly details?: readonly Detail[];
  readonly errors?: readonly PlatformFault[];
  readonly headers?: Readonly<Record<string, string>>;
}

const errorBody = (fault: PlatformFault, contextId: string): Record<string, unknown> => ({
  message: fault.message,
  code: fault.code ?? CODES[fault.status] ?? 'unexpected.error',
  status: fault.status,
  messageWithParams: fault.template ?? fault.message,
  messageParams: fault.params ?? {},
  contextId,
  details: fault.details ?? [],
  errors: (fault.errors ?? []).map((error) => errorBody(error, contextId)),
});

/** The platform's error body, with the same id in `contextId` and in `ININ-Correlation-Id`. */
export const refusal = (fault: PlatformFault): Answer => {
  const contextId = randomUUID();
  return json(fault.status, errorBody(fault, contextId), {
    'ININ-Correlation-Id': contextId,
    ...fault.headers,
  });
};

/** The error body of OAuth: the same words as `description` and `error_description`, as the platform's login has it. */
export const oauthRefusal = (status: number, error: string, description: string): Answer =>
  json(status, { error, description, error_description: description }, { 'Cache-Control': 'no-store' });

export const notFound = (): Answer => refusal({ status: 404, message: 'HTTP 404 Not Found' });

export const methodNotAllowed = (allow: string): Answer =>
  refusal({ status: 405, message: 'HTTP 405 Method Not Allowed', headers: { Allow: allow } });
