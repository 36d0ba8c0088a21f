// Tells when the caller of a request has gone before its answer.
import type { ServerResponse } from 'node:http';

/** Aborted when the connection closes before the answer is written; it stays quiet once there is one. */
export const hangUpSignal = (res: Pick<ServerResponse, 'once' | 'writableEnded'>): AbortSignal => {
  const controller = new AbortController();
  res.once('close', () => {
    if (!res.writableEnded) controller.abort();
  });
  return controller.signal;
};
