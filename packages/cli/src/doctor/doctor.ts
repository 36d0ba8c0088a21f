// `genesys-guest doctor`: reads the flags, runs the checks, writes what they found, and says how it ends.
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Environment } from '../../../server/src/options/environment.ts';
import type { Lookup } from './finding.ts';
import { HELP, type Run, readFlags } from './flags.ts';
import { type Look, lookOf, renderJson, renderLine, renderSummary, renderTitle } from './render.ts';
import { diagnose, type Line } from './runner.ts';

/** What a command sees of the process, for tests to stand in for. */
export interface Terminal {
  readonly env: Environment;
  readonly out: {
    write(text: string): unknown;
    readonly isTTY?: boolean | undefined;
    readonly columns?: number | undefined;
  };
  readonly err: { write(text: string): unknown };
  readonly now?: () => number;
  readonly lookup?: Lookup;
}

/** 0: all pass or warn. 1: something fails. 2: wrong usage. */
export type ExitStatus = 0 | 1 | 2;

/** @param version of this package, for the JSON document */
export const doctor = async (
  args: readonly string[],
  version: string,
  terminal: Terminal,
): Promise<ExitStatus> => {
  const flags = readFlags(args, terminal.env, (path) => parseEnv(readFileSync(path, 'utf8')));
  if (flags.kind === 'help') {
    terminal.out.write(HELP);
    return 0;
  }
  if (flags.kind === 'wrong') {
    terminal.err.write(`genesys-guest doctor: ${flags.problem}\nTry genesys-guest doctor --help\n`);
    return 2;
  }
  const look = flags.json ? undefined : lookOf(terminal.out, terminal.env);
  const lines = await examine(flags, terminal, look);
  terminal.out.write(look ? renderSummary(lines, look) : renderJson(lines, version));
  return lines.some(({ status }) => status === 'fail') ? 1 : 0;
};

/** @param look how each line is shown as it is found; absent where only the whole is wanted */
const examine = async (
  { asked, env }: Run,
  { out, now = Date.now, lookup: resolve = resolveAll }: Terminal,
  look: Look | undefined,
): Promise<Line[]> => {
  const lines: Line[] = [];
  for await (const line of diagnose({ asked, env, now, lookup: resolve })) {
    if (look) {
      if (line.group !== lines.at(-1)?.group) out.write(renderTitle(line.group, look));
      out.write(renderLine(line, look));
    }
    lines.push(line);
  }
  return lines;
};

/** By the system's resolver, as every connection of Node.js is. */
const resolveAll: Lookup = (host) => lookup(host, { all: true });
