// Reads a request's body, and never holds more of it than the platform takes.
import type { IncomingMessage } from 'node:http';
import { LIMITS } from '@genesys-guest/common';

/** A fault may read a body before the call's own answer does. */
const bodies = new WeakMap<IncomingMessage, Promise<string | undefined>>();

/** The body, or `undefined` where it is larger than the platform takes. Never settles for a caller that hangs up. */
export const readBody = (req: IncomingMessage): Promise<string | undefined> => {
  const body = bodies.get(req) ?? collect(req);
  bodies.set(req, body);
  return body;
};

const collect = (req: IncomingMessage): Promise<string | undefined> =>
  new Promise((resolve) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LIMITS.requestBytes) {
        // What is too much is read all the same, unheld: a caller that still writes would not see the answer.
        first = undefined;
        rest = undefined;
      } else if (first === undefined) {
        first = chunk;
      } else {
        rest ??= [first];
        rest.push(chunk);
      }
    });
    req.on('end', () => {
      if (size > LIMITS.requestBytes) resolve(undefined);
      else resolve((rest ? Buffer.concat(rest) : first)?.toString('utf8') ?? '');
    });
  });
