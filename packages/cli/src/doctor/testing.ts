// For tests: a platform to break, and the doctor's word on it.
import { startEmulator } from '@genesys-guest/emulator';
import { onTestFinished } from 'vitest';
import { doctor, type ExitStatus, type Terminal } from './doctor.ts';
import type { Line } from './runner.ts';

export const CANARY = 'canary-client-secret';
export const SECRET = 'canary-cookie-key-0123456789-abcdefgh';
export const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';

/** A set-up in which nothing is wrong. */
export const GOOD_ENV: Readonly<Record<string, string | undefined>> = {
  GENESYSCLOUD_REGION: 'eu-west-1',
  GENESYSCLOUD_OAUTHCLIENT_ID: 'emulator-client',
  GENESYSCLOUD_OAUTHCLIENT_SECRET: CANARY,
  GENESYS_GUEST_WEBCHAT_ID: WEBCHAT,
  GENESYS_GUEST_SECRETS: SECRET,
};

export interface Verdict {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as from a shell, with its output caught. */
export const command = async (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = GOOD_ENV,
  around: Partial<Terminal> = {},
): Promise<Verdict> => {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await doctor(args, '0.0.0', {
    env,
    out: { write: (text) => out.push(text) },
    err: { write: (text) => err.push(text) },
    ...around,
  });
  return { status, out: out.join(''), err: err.join('') };
};

export interface Findings extends Verdict {
  readonly findings: readonly Line[];
}

/** The same with `--json`, read back. */
export const findingsOf = async (...given: Parameters<typeof command>): Promise<Findings> => {
  const [args, ...rest] = given;
  const verdict = await command(['--json', ...args], ...rest);
  return { ...verdict, findings: (JSON.parse(verdict.out) as { findings: Line[] }).findings };
};

type EmulatorOptions = NonNullable<Parameters<typeof startEmulator>[0]>;

/** A platform that knows the good set-up; it ends with the test. */
export const platform = async (options: EmulatorOptions = {}) => {
  const emulator = await startEmulator({ clientSecret: CANARY, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
};
