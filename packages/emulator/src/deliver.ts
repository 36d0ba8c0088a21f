// Sends an answer, by the emulator's own clock.
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/** Runs `then` after `ms`, unless the caller is gone by then. */
export const later = (res: ServerResponse, ms: number, then: () => void): void => {
  const timer = setTimeout(then, ms);
  res.on('close', () => clearTimeout(timer));
};

let second = Number.NaN;
let text = '';

/** The `Date` header's text, made once a second: to make it costs more than all other headers. */
const httpDate = (ms: number): string => {
  const now = Math.floor(ms / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
};

export const deliver = (res: ServerResponse, answer: Answer, now: () => number): void => {
  if (res.destroyed) return;
  const length = Buffer.byteLength(answer.body);
  res.writeHead(answer.status, {
    'ININ-Correlation-Id': randomUUID(),
    ...answer.headers,
    Date: httpDate(now()),
    'Content-Length': length,
  });
  res.end(res.req.method === 'HEAD' ? undefined : answer.body);
};
