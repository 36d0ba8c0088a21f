// Writes lines to a stream of the site's, no faster than it takes them, and outlives its errors.
import type { Writable } from 'node:stream';
import { errorName } from './complaint.ts';
import type { LineTarget } from './line-buffer.ts';

export const streamTarget = (stream: Writable): LineTarget => {
  // Without a listener a broken pipe would end the process.
  stream.on('error', () => {});
  return {
    write: (lines) =>
      new Promise((resolve) => {
        if (stream.destroyed || stream.writableEnded) return resolve({ lines: 0, code: 'STREAM_CLOSED' });
        try {
          // The callback comes once the stream has taken it on, or has failed: its buffer never grows past one batch.
          stream.write(`${lines.join('\n')}\n`, (error) =>
            resolve(error ? { lines: 0, code: errorName(error) } : { lines: lines.length }),
          );
        } catch (error) {
          resolve({ lines: 0, code: errorName(error) });
        }
      }),
  };
};
