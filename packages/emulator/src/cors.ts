// What browsers need before a page may read the platform's answers: any origin, without cookies.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/** On every answer, a fault's too: a page sees the platform's 503 as a 503. */
export const allowCors = (req: IncomingMessage, res: ServerResponse): void => {
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin ?? '*');
  res.setHeader('Access-Control-Expose-Headers', 'ININ-Correlation-Id, Retry-After');
  res.setHeader('Vary', 'Origin');
};

export const PREFLIGHT: Answer = {
  status: 204,
  headers: {
    'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS',
    'Access-Control-Allow-Headers':
      'Authorization, Content-Type, X-Journey-Session-Id, X-Journey-Session-Type',
    'Access-Control-Max-Age': '86400',
  },
  body: '',
};
