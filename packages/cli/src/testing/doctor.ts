// For tests: a platform to break, and the doctor's word on it.
import { startEmulator } from '@genesys-guest/emulator';
import { expect, onTestFinished, vi } from 'vitest';
import type { ExitStatus } from '../command.ts';
import { doctor } from '../doctor/doctor.ts';
import { renderLine } from '../doctor/render.ts';
import type { Line } from '../doctor/runner.ts';

export const CANARY = 'canary-client-secret';
export const SECRET = 'canary-cookie-key-0123456789-abcdefgh';
export const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A set-up in which nothing is wrong. */
export const GOOD_ENV: Environment = {
  GENESYSCLOUD_REGION: 'eu-west-1',
  GENESYSCLOUD_OAUTHCLIENT_ID: 'emulator-client',
  GENESYSCLOUD_OAUTHCLIENT_SECRET: CANARY,
  GENESYS_GUEST_WEBCHAT_ID: WEBCHAT,
  GENESYS_GUEST_SECRETS: SECRET,
};

/** What a developer's own shell may have, and the runner's name for the environment. */
const NOTHING: Environment = {
  ...Object.fromEntries(Object.keys(GOOD_ENV).map((name) => [name, undefined])),
  GENESYS_GUEST_EMULATOR: undefined,
  GENESYS_GUEST_MEMBERS_CLIENT_ID: undefined,
  GENESYS_GUEST_MEMBERS_CLIENT_SECRET: undefined,
  GENESYS_GUEST_MEMBERS_SIGNING_KEYS: undefined,
  HTTPS_PROXY: undefined,
  https_proxy: undefined,
  NODE_ENV: undefined,
};

export interface Ended {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as from a shell of this environment, with its output caught. */
export const command = async (args: readonly string[], env: Environment = GOOD_ENV): Promise<Ended> => {
  for (const [name, value] of Object.entries({ ...NOTHING, ...env })) vi.stubEnv(name, value);
  const [out, err]: [string[], string[]] = [[], []];
  try {
    const status = await doctor(args, '0.0.0', {
      out: { write: (text) => out.push(text) },
      err: { write: (text) => err.push(text) },
    });
    return { status, out: out.join(''), err: err.join('') };
  } finally {
    vi.unstubAllEnvs();
  }
};

export interface Findings extends Ended {
  readonly findings: readonly Line[];
}

/** The same with `--json`, read back. */
export const findingsOf = async (args: readonly string[], env?: Environment): Promise<Findings> => {
  const ended = await command(['--json', ...args], env);
  return { ...ended, findings: (JSON.parse(ended.out) as { findings: Line[] }).findings };
};

/** The line that the user sees, with the ports of this run left out. */
export const lineOf = (line: Line): string =>
  (renderLine(line, false).split('\n')[0] ?? '')
    .trim()
    .replace(/(127\.0\.0\.1|0\.0\.0\.0|localhost):\d+/g, '$1:<port>');

/** A set-up of a tired engineer. */
export interface SetUp {
  readonly broken: string;
  readonly env?: Environment;
  readonly args?: readonly string[];
  /** The one line that the user sees of it, among those of this check. */
  readonly sees: string;
  readonly check: string;
  readonly fix: RegExp;
}

/** Runs the doctor on it, and sees that the cause is named, with its fix and the right exit status. */
export const expectNamed = async ({ check, sees, fix, env }: SetUp, args: readonly string[]) => {
  const { status, findings } = await findingsOf(args, { ...GOOD_ENV, ...env });
  const own = findings.filter((line) => line.check === check);
  expect(own.map(lineOf)).toContain(sees);
  expect(own.find((line) => lineOf(line) === sees)?.fix).toMatch(fix);
  expect(status).toBe(findings.some((line) => line.status === 'fail') ? 1 : 0);
  return findings;
};

type EmulatorOptions = NonNullable<Parameters<typeof startEmulator>[0]>;

/** A platform that knows the good set-up; it ends with the test. */
export const platform = async (options: EmulatorOptions = {}) => {
  const emulator = await startEmulator({ clientSecret: CANARY, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
};
