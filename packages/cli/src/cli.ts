#!/usr/bin/env node
// `genesys-guest`: what an operator does from a shell.
import { readFileSync } from 'node:fs';
import { doctor } from './doctor/doctor.ts';

const HELP = `Usage: genesys-guest <command> [flags]

  doctor       check a set-up, and say how to mend it (genesys-guest doctor --help)

  --help       this
  --version    of @genesys-guest/server
`;

/** Beside the source and the built file alike: both lie one folder below the package's root. */
const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

const run = async ([command, ...args]: readonly string[]): Promise<number> => {
  const { env, stdout: out, stderr: err } = process;
  if (command === 'doctor') return doctor(args, version, { env, out, err });
  if (command === '--help' || command === '--version') {
    out.write(command === '--help' ? HELP : `${version}\n`);
    return 0;
  }
  err.write(command === undefined ? HELP : `genesys-guest: there is no command '${command}'\n${HELP}`);
  return 2;
};

/** A name that is still looked up would keep the process for a minute: what is written goes out, and that is all. */
const leave = (status: number): void => {
  process.exitCode = status;
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
};

run(process.argv.slice(2)).then(leave, (error: unknown) => {
  process.stderr.write(`genesys-guest failed by a fault of its own: ${String(error)}\n`);
  leave(1);
});
