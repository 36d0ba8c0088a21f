// `genesys-guest doctor`: reads the flags, runs the checks, writes what they found, and says how it ends.
import { HELP, readFlags } from './flags.ts';
import { redactor } from './redact.ts';
import { hasColours, renderJson, renderLine, renderSummary, renderTitle } from './render.ts';
import { renderReport } from './report.ts';
import { type Line, Run } from './runner.ts';

/** 0: all pass or warn. 1: something fails. 2: wrong usage. */
export type ExitStatus = 0 | 1 | 2;

/** Takes text, as a stream of Node does. */
export interface Sink {
  /** Writes it. */
  write(text: string): unknown;
  /** A terminal gets colours. */
  readonly isTTY?: boolean | undefined;
}

/** Where it is written. Default: the process' own streams. */
export interface Output {
  /** What was found. */
  readonly out: Sink;
  /** Wrong usage. */
  readonly err: Sink;
}

/**
 * Runs the command. It reads `process.env`, and adds what an .env file has.
 * @param args what stands after `genesys-guest doctor`
 * @param version of this package, for the JSON documents
 */
export const doctor = async (
  args: readonly string[],
  version: string,
  { out, err }: Output = { out: process.stdout, err: process.stderr },
): Promise<ExitStatus> => {
  let usage: ReturnType<typeof readFlags>;
  try {
    usage = readFlags(args);
  } catch (error) {
    err.write(`genesys-guest doctor: ${(error as Error).message}\nTry genesys-guest doctor --help\n`);
    return 2;
  }
  if (!usage) {
    out.write(HELP);
    return 0;
  }
  const { flags, format } = usage;
  const colours = hasColours(out);
  const run = new Run(flags);
  const lines: Line[] = [];
  for await (const line of run.lines()) {
    if (format === 'text') {
      if (line.group !== lines.at(-1)?.group) out.write(renderTitle(line.group, colours));
      out.write(renderLine(line, colours));
    }
    lines.push(line);
  }
  if (format === 'text') out.write(renderSummary(lines, colours));
  else if (format === 'json') out.write(renderJson(lines, version));
  else out.write(redactor(run.facts)(renderReport(run, lines, version)));
  return lines.some(({ status }) => status === 'fail') ? 1 : 0;
};
