// Writes the findings for a person at a terminal, or as one JSON document for a script.
import type { Status } from './check.ts';
import type { Line } from './runner.ts';

/** Colours only where somebody looks, and has not said no (https://no-color.org). */
export const hasColours = ({ isTTY }: { readonly isTTY?: boolean | undefined }): boolean =>
  isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';

const CODES = { pass: '32', warn: '33', fail: '1;31', skip: '2', title: '1', fix: '36' } as const;

/** Words, so that who reads without colours, or searches a log, finds them. */
const WORDS: Readonly<Record<Status, string>> = { pass: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' };

const paint = (text: string, code: keyof typeof CODES, colours: boolean): string =>
  colours ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text;

export const renderTitle = (group: string, colours: boolean): string =>
  `\n${paint(group, 'title', colours)}\n`;

export const renderLine = ({ status, message, fix }: Line, colours: boolean): string =>
  `  ${paint(WORDS[status], status, colours)}  ${message}\n${fix ? `        -> ${paint(fix, 'fix', colours)}\n` : ''}`;

const countOf = (lines: readonly Line[]): Record<Status, number> => {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 };
  for (const { status } of lines) counts[status] += 1;
  return counts;
};

/** What failed first is where to begin: the rest often follows from it. */
export const renderSummary = (lines: readonly Line[], colours: boolean): string => {
  const { pass, warn, fail, skip } = countOf(lines);
  const parts = [
    fail > 0 && paint(`${fail} failed`, 'fail', colours),
    warn > 0 && paint(`${warn} warned`, 'warn', colours),
    `${pass} passed`,
    skip > 0 && `${skip} not checked`,
  ].filter((part) => part !== false);
  const first = fail > 1 ? lines.find(({ status }) => status === 'fail') : undefined;
  return `\n${parts.join(', ')}\n${first ? `Begin with the first: ${first.message}.\n` : ''}`;
};

export const renderJson = (lines: readonly Line[], version: string): string => {
  const counts = countOf(lines);
  return `${JSON.stringify({ ok: counts.fail === 0, version, counts, findings: lines }, null, 2)}\n`;
};
