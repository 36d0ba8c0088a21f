// A request of node:http or Express, as the routes see it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IssueTrace } from '../observe/spans.ts';
import type { RouteRequest } from './ports.ts';
import { readNodeBody } from './request-body.ts';

export const nodeRequest = (req: IncomingMessage, res: ServerResponse, trace: IssueTrace): RouteRequest => ({
  method: req.method ?? '',
  headers: req.headers,
  host: req,
  trace,
  query: () => new URLSearchParams(req.url?.replace(/^[^?]*/, '')),
  readBody: (max) => readNodeBody(req, max),
  signal: () => {
    const controller = new AbortController();
    // Quiet once there is an answer.
    res.once('close', () => {
      if (!res.writableEnded) controller.abort();
    });
    return controller.signal;
  },
});
