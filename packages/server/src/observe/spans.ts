// Spans of OpenTelemetry for the request, the issuing and each try: who a guest is appears in none of them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { SCOPE } from './instruments.ts';

/** What went wrong: a code of ours, a status or a network code. Never a message. */
const fail = (span: Span, type: string): void => {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

/** Under which span another one appears; `undefined` without an OpenTelemetry SDK. */
export type IssueTrace = Context | undefined;

/** A token is being issued: its tries appear under this span. */
export const startIssueSpan = (
  action: 'ISSUED' | 'RENEWED',
  webchatId: string,
  parent: Context = context.active(),
) => {
  const attributes = {
    'genesys_guest.webchat_id': webchatId,
    'genesys_guest.action': action.toLowerCase(),
  };
  const span = trace.getTracer(SCOPE).startSpan('genesys_guest.issue', { attributes }, parent);
  return {
    context: isSpanContextValid(span.spanContext()) ? trace.setSpan(parent, span) : undefined,
    /** @param code of what went wrong, if anything did */
    end: (code?: string): void => {
      if (code !== undefined) fail(span, code);
      span.end();
    },
  };
};

/**
 * A request is being answered. Where an instrumentation of node:http has opened the server's own span, ours is inside
 * that one; else it is the server's. It ends with the answer.
 * @param route below the mount path
 */
export const startRequestSpan = (req: IncomingMessage, res: ServerResponse, route: string): IssueTrace => {
  const method = req.method ?? '_OTHER';
  const parent = context.active();
  const kind = trace.getSpan(parent) ? SpanKind.INTERNAL : SpanKind.SERVER;
  const span = trace.getTracer(SCOPE).startSpan(`${method} ${route}`, { kind }, parent);
  // Without an SDK there is nothing to carry.
  if (!isSpanContextValid(span.spanContext())) return undefined;
  if (span.isRecording()) {
    span.setAttributes({ 'http.request.method': method, 'http.route': route });
    res.once('close', () => {
      if (res.writableFinished) span.setAttribute('http.response.status_code', res.statusCode);
      if (!res.writableFinished) fail(span, 'hung_up');
      else if (res.statusCode >= 500) fail(span, String(res.statusCode));
      span.end();
    });
  }
  return trace.setSpan(parent, span);
};

/** One try, told when it is over. Attributes by the semantic conventions of HTTP clients. */
export const recordTry = (
  attributes: Attributes,
  startedAt: number,
  endedAt: number,
  parent: Context,
): void => {
  const options = { kind: SpanKind.CLIENT, startTime: startedAt, attributes };
  const span = trace.getTracer(SCOPE).startSpan('POST', options, parent);
  if (attributes['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endedAt);
};
