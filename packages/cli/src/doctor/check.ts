// What the doctor's checks say, and what they know of each other.
import type { OnboardingConfig, Region, regionHosts } from '@genesys-guest/common';
import type { Flags } from './flags.ts';
import type { HttpAnswer } from './http.ts';

/** `skip`: not checked, because it was not asked for or something before it failed. */
export type Status = 'pass' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly status: Status;
  /** What was found, in one sentence without a full stop. Never a secret or a token. */
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string | undefined;
}

/** One or several; what is `false` or `undefined` is left out. */
export type Findings = Finding | readonly (Finding | false | undefined)[];

/** Where the site's options lead; known where nothing is wrong with them. */
export interface Platform {
  readonly region: Region;
  readonly endpoints: ReturnType<typeof regionHosts>;
  readonly webchatId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Authentication in the deployment: none, members alone, or visitors who may sign in later. */
export type AuthMode = 'off' | 'required' | 'upgrade';

/** What is known so far: what the command line asks for, and what the checks have learnt. */
export interface Facts extends Flags {
  readonly platform?: Platform;
  /** Milliseconds by which the platform's clock is ahead of ours. */
  readonly clockSkew?: number;
  readonly accessToken?: string;
  /** Known where the deployment's `config.json` says it. */
  readonly auth?: AuthMode;
  /** What `GET /config` of the mounted handler answers to a stranger. */
  readonly mounted?: OnboardingConfig;
  /** What the mounted handler answers to the first visitor, as it lets the site's pages call. */
  readonly opened?: HttpAnswer;
  /** A visitor cookie of the mounted handler, as `name=value`. */
  readonly visitor?: string;
}

export const pass = (message: string): Finding => ({ status: 'pass', message });
export const warn = (message: string, fix: string): Finding => ({ status: 'warn', message, fix });
export const fail = (message: string, fix: string): Finding => ({ status: 'fail', message, fix });
export const skip = (message: string, fix?: string): Finding => ({ status: 'skip', message, fix });

/** The findings that there are; else one, that all is well. */
export const elsePass = (findings: readonly (Finding | false | undefined)[], message: string): Findings =>
  findings.some((finding) => finding) ? findings : pass(message);

/** A length of time as a person would say it. */
export const duration = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
};
