#!/usr/bin/env node
// `genesys-emulator`: the emulator from a shell, until Ctrl-C.
import { HELP, readFlags } from './flags.ts';
import { startEmulator } from './index.ts';
import type { EmulatorOptions } from './settings.ts';

const fail = (problem: string) => {
  console.error(`genesys-emulator: ${problem}\nTry genesys-emulator --help`);
  process.exitCode = 1;
};

const run = async (options: EmulatorOptions) => {
  const emulator = await startEmulator(options);
  const { oauthToken, guestTokens, bootstrap } = emulator.endpoints;
  console.log(`Genesys Cloud emulator: ${emulator.url} (Ctrl-C stops it)

endpoints: {
  oauthToken: '${oauthToken}',
  guestTokens: '${guestTokens}',
  bootstrap: '${bootstrap}',
}
clientId: '${options.clientId ?? 'emulator-client'}'

faults: POST ${emulator.url}/_emulator/faults
counts: GET  ${emulator.url}/_emulator/stats
agents: GET  ${emulator.url}/_emulator/conversations`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.close());
};

const flags = readFlags(process.argv.slice(2));
if (flags.kind === 'help') console.log(HELP);
else if (flags.kind === 'wrong') fail(flags.problem);
else run(flags.options).catch((error: Error) => fail(error.message));
