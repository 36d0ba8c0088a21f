#!/usr/bin/env node
// `genesys-guest`: what an operator does from a shell.
import { readFileSync } from 'node:fs';
import { doctor } from './doctor/doctor.ts';
import { erase } from './erase.ts';
import { members } from './members.ts';

const HELP = `Usage: genesys-guest <command> [flags]

  doctor       check a set-up, and say how to fix it
  members      make the key and the secret for signed-in members, and name the values for Admin
  erase        forget a person in every webchat and every instance
  emulator     start a Genesys Cloud on loopback, for developing without an organisation

  --help       this; after a command, its flags
  --version    of this package
`;

/** Beside the source and the built file alike: both lie one folder below the package's root. */
const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/** A name that is still looked up would keep the process for a minute: what is written goes out, and that is all. */
const exit = (status: number): void => {
  process.exitCode = status;
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
};

/** The emulator's own program, which lies beside its face and reads its flags where a program's begin. */
const emulator = async (): Promise<void> => {
  process.argv.splice(2, 1);
  await import(new URL('cli.js', import.meta.resolve('@genesys-guest/emulator')).href);
};

const run = async ([command, ...args]: readonly string[]): Promise<void> => {
  if (command === 'doctor') exit(await doctor(args, version));
  else if (command === 'members') exit(await members(args));
  else if (command === 'erase') exit(await erase(args));
  else if (command === 'emulator') await emulator();
  else if (command === '--help') process.stdout.write(HELP);
  else if (command === '--version') process.stdout.write(`${version}\n`);
  else {
    process.stderr.write(command === undefined ? HELP : `genesys-guest: no command '${command}'\n${HELP}`);
    process.exitCode = 2;
  }
};

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`genesys-guest failed by a bug of its own: ${String(error)}\n`);
  exit(1);
});
