// Spans of OpenTelemetry for the request, the issuing and each try: who a guest is appears in none of them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attributes,
  context,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { SCOPE } from './instruments.ts';

let provider: TracerProvider | undefined;
let known: Tracer | undefined;

/** That of the SDK that is registered now, or one that does nothing. */
const tracer = (): Tracer => {
  const present = trace.getTracerProvider();
  if (!known || present !== provider) {
    provider = present;
    known = present.getTracer(SCOPE);
  }
  return known;
};

/** What went wrong: a code of ours, a status or a network code. Never a message. */
const fail = (span: Span, type: string): void => {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'internal';
};

/** Runs the issuing of a token in a span, so that its tries are under it. */
export const inIssuingSpan = <T>(attributes: Attributes, work: () => Promise<T>): Promise<T> => {
  const span = tracer().startSpan('genesys_guest.issue', { attributes });
  // Without an SDK there is nothing to be under: not even a promise is spent on it.
  if (!isSpanContextValid(span.spanContext())) return work();
  return context.with(trace.setSpan(context.active(), span), async () => {
    try {
      return await work();
    } catch (error) {
      fail(span, codeOf(error));
      throw error;
    } finally {
      span.end();
    }
  });
};

/**
 * Answers a request in a span. Where an instrumentation of node:http has opened the server's own span, ours is inside
 * that one; else it is the server's.
 * @param route below the mount path
 */
export const inRequestSpan = (
  req: IncomingMessage,
  res: ServerResponse,
  route: string,
  work: () => void,
): void => {
  const method = req.method ?? '_OTHER';
  const kind = trace.getActiveSpan() ? SpanKind.INTERNAL : SpanKind.SERVER;
  const span = tracer().startSpan(`${method} ${route}`, { kind });
  // Without an SDK there is nothing to carry.
  if (!isSpanContextValid(span.spanContext())) {
    work();
    return;
  }
  if (span.isRecording()) {
    span.setAttributes({ 'http.request.method': method, 'http.route': route });
    res.once('close', () => {
      if (res.writableFinished) span.setAttribute('http.response.status_code', res.statusCode);
      if (!res.writableFinished) fail(span, 'hung_up');
      else if (res.statusCode >= 500) fail(span, String(res.statusCode));
      span.end();
    });
  }
  context.with(trace.setSpan(context.active(), span), work);
};

/** One try, told when it is over. Attributes by the semantic conventions of HTTP clients. */
export const tellTry = (attributes: Attributes, startedAt: number, endedAt: number): void => {
  const span = tracer().startSpan('POST', { kind: SpanKind.CLIENT, startTime: startedAt, attributes });
  if (attributes['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endedAt);
};
