// Appends lines to a file that may be renamed, truncated or removed under it, on a disk that may be full.
import { type FileHandle, open } from 'node:fs/promises';
import { errorName } from './complaint.ts';
import type { LineTarget } from './line-buffer.ts';

export const fileTarget = (path: string): LineTarget => {
  /** The last write ended within a line: the next one begins on a line of its own. */
  let cut = false;

  const append = async (
    file: FileHandle,
    lines: readonly string[],
  ): Promise<{ written: number; error?: unknown }> => {
    const bytes = Buffer.from(`${cut ? '\n' : ''}${lines.join('\n')}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
      return { written };
    } catch (error) {
      return { written, error };
    }
  };

  return {
    write: async (lines) => {
      let file: FileHandle | undefined;
      try {
        file = await open(path, 'a', 0o600);
        const before = cut ? 1 : 0;
        const { written, error } = await append(file, lines);
        if (error === undefined) {
          cut = false;
          return { lines: lines.length };
        }
        const whole = wholeLines(lines, written - before);
        cut = written > before ? whole.rest > 0 : cut && written === 0;
        return { lines: whole.count, code: errorName(error) };
      } catch (error) {
        return { lines: 0, code: errorName(error) };
      } finally {
        await file?.close().catch(() => {});
      }
    },
  };
};

/** How many lines so many bytes hold whole, and the bytes beyond them. */
const wholeLines = (lines: readonly string[], bytes: number): { count: number; rest: number } => {
  let rest = Math.max(0, bytes);
  let count = 0;
  for (const line of lines) {
    const length = Buffer.byteLength(line) + 1;
    if (rest < length) break;
    rest -= length;
    count += 1;
  }
  return { count, rest };
};
