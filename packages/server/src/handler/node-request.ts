// A request of node:http or Express, as the routes see it.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { IssueTrace } from '../observe/spans.ts';
import type { RouteRequest } from './ports.ts';
import { readNodeBody } from './request-body.ts';

export class NodeRequest implements RouteRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly host: IncomingMessage;
  readonly trace: IssueTrace;
  readonly #res: ServerResponse;

  constructor(req: IncomingMessage, res: ServerResponse, trace: IssueTrace) {
    this.method = req.method ?? '';
    this.headers = req.headers;
    this.host = req;
    this.trace = trace;
    this.#res = res;
  }

  query(): URLSearchParams {
    const { url = '' } = this.host;
    const at = url.indexOf('?');
    return new URLSearchParams(at < 0 ? '' : url.slice(at));
  }

  readBody(max?: number): Promise<unknown> {
    return readNodeBody(this.host, max);
  }

  /** Quiet once there is an answer. */
  signal(): AbortSignal {
    const controller = new AbortController();
    this.#res.once('close', () => {
      if (!this.#res.writableEnded) controller.abort();
    });
    return controller.signal;
  }
}
