// Writes the findings for a person at a terminal, or as one JSON document for a script.
import type { Status } from './finding.ts';
import type { Line } from './runner.ts';

export interface Look {
  readonly colour: boolean;
  /** Characters of a line. */
  readonly width: number;
}

/** Colours only where somebody looks, and has not said no (https://no-color.org). */
export const lookOf = (
  { isTTY, columns }: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Look => ({
  colour: isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  width: Math.max(50, Math.min(columns ?? 100, 110)),
});

const STYLE = { pass: '32', warn: '33', fail: '1;31', skip: '2', title: '1', mend: '36' } as const;

/** Words, so that who reads without colours, or searches a log, finds them. */
const WORDS: Readonly<Record<Status, string>> = {
  pass: 'ok  ',
  warn: 'warn',
  fail: 'FAIL',
  skip: 'skip',
};

const paint = (text: string, style: keyof typeof STYLE, { colour }: Look): string =>
  colour ? `\u001b[${STYLE[style]}m${text}\u001b[0m` : text;

export const renderTitle = (group: string, look: Look): string => `\n${paint(group, 'title', look)}\n`;

export const renderLine = ({ status, message, mend }: Line, look: Look): string => {
  const [first = '', ...rest] = wrap(message, look.width - 8);
  const body = [first, ...rest.map((line) => `        ${line}`)].join('\n');
  const told = status === 'skip' ? paint(body, 'skip', look) : body;
  const mending = (mend ? wrap(mend, look.width - 11) : []).map(
    (line, index) => `        ${index === 0 ? '-> ' : '   '}${paint(line, 'mend', look)}\n`,
  );
  return `  ${paint(WORDS[status], status, look)}  ${told}\n${mending.join('')}`;
};

const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
};

export type Counts = Readonly<Record<Status, number>>;

export const countOf = (lines: readonly Line[]): Counts => {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 };
  for (const { status } of lines) counts[status] += 1;
  return counts;
};

/** What failed first is where to begin: the rest often follows from it. */
export const renderSummary = (lines: readonly Line[], look: Look): string => {
  const { pass, warn, fail, skip } = countOf(lines);
  const parts = [
    fail > 0 && paint(`${fail} failed`, 'fail', look),
    warn > 0 && paint(`${warn} warned`, 'warn', look),
    `${pass} passed`,
    skip > 0 && `${skip} not checked`,
  ].filter((part) => part !== false);
  const first = fail > 1 ? lines.find(({ status }) => status === 'fail') : undefined;
  const begin = first ? `Begin with the first: ${first.message}.` : '';
  return `\n${parts.join(', ')}\n${begin ? `${wrap(begin, look.width).join('\n')}\n` : ''}`;
};

export const renderJson = (lines: readonly Line[], version: string): string => {
  const counts = countOf(lines);
  return `${JSON.stringify({ ok: counts.fail === 0, version, counts, findings: lines }, null, 2)}\n`;
};
