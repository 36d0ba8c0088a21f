// What the doctor's checks take and give: facts in, findings and new facts out.
import type { LookupAddress } from 'node:dns';
import type { OnboardingConfig, Region } from '@genesys-guest/common';
import type { Environment } from '../../../server/src/options/environment.ts';
import type { Endpoints } from '../../../server/src/options/resolved-options.ts';
import type { Deployment } from './deployment-files.ts';

/** `skip`: not checked, because it was not asked for or something before it failed. */
export type Status = 'pass' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly status: Status;
  /** What was found, in one sentence without a full stop. Never a secret or a token. */
  readonly message: string;
  /** What to do about it. */
  readonly mend?: string | undefined;
}

/** What the command line asks for. */
export interface Asked {
  readonly region?: string | undefined;
  readonly clientId?: string | undefined;
  readonly webchatId?: string | undefined;
  readonly source?: string | undefined;
  readonly endpoints: Partial<Endpoints>;
  /** Where the deployment's public files are, if not where the region or the script has them. */
  readonly deployments?: string | undefined;
  /** A page of the site that shows the chat. */
  readonly site?: URL | undefined;
  /** Where the handler is mounted. */
  readonly mount?: URL | undefined;
  readonly redis?: string | undefined;
  /** The URL of Redis stood on the command line itself. */
  readonly redisInTheOpen: boolean;
  /** Whether guest tokens may really be issued, for test guests. */
  readonly issue: boolean;
  /** Milliseconds of one check. */
  readonly timeout: number;
}

/** What is known so far. A check names the facts that it needs, and is skipped where one is missing. */
export interface Facts {
  readonly region?: Region;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly webchatId?: string;
  readonly secrets?: readonly string[];
  readonly endpoints?: AllEndpoints;
  readonly oauthReached?: true;
  readonly guestTokensReached?: true;
  readonly bootstrapReached?: true;
  readonly deploymentsReached?: true;
  readonly siteReached?: true;
  readonly mountReached?: true;
  readonly accessToken?: string;
  readonly deployment?: Deployment;
  /** What `GET /config` of the mounted handler answers to a stranger. */
  readonly mounted?: OnboardingConfig;
  /** The mounted handler lets the site's pages call. */
  readonly mountOpen?: true;
  /** A visitor cookie of the mounted handler, as `name=value`. */
  readonly visitor?: string;
}

export interface AllEndpoints extends Endpoints {
  readonly deployments: string;
}

export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

export interface Context {
  readonly asked: Asked;
  readonly env: Environment;
  readonly lookup: Lookup;
  /** The time of day, in milliseconds since 1970. */
  readonly now: () => number;
  /** Aborted when the check's time is up. */
  readonly signal: AbortSignal;
}

export interface Report {
  readonly findings: readonly Finding[];
  readonly facts?: Facts | undefined;
}

export interface Check {
  readonly name: string;
  /** What it is about, in the words of the skip that takes its place. */
  readonly title: string;
  readonly group: string;
  readonly needs: readonly (keyof Facts)[];
  /** Whether the command line asks for it; without an answer no word is lost about it. */
  readonly when: (asked: Asked) => boolean;
  run(context: Context, facts: Facts): Promise<Report>;
}

interface CheckSpec<K extends keyof Facts> {
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly needs?: readonly K[];
  readonly when?: (asked: Asked) => boolean;
  readonly run: (context: Context, facts: Facts & Required<Pick<Facts, K>>) => Promise<Report> | Report;
}

/** A check whose `run` knows that the facts which it needs are there. */
export const check = <K extends keyof Facts = never>({
  needs = [],
  when = () => true,
  run,
  ...spec
}: CheckSpec<K>): Check => ({
  ...spec,
  needs,
  when,
  run: async (context, facts) => run(context, facts as Facts & Required<Pick<Facts, K>>),
});

export const pass = (message: string): Finding => ({ status: 'pass', message });
export const warn = (message: string, mend: string): Finding => ({ status: 'warn', message, mend });
export const fail = (message: string, mend: string): Finding => ({ status: 'fail', message, mend });
export const skip = (message: string, mend?: string): Finding => ({ status: 'skip', message, mend });

/** A report of findings alone. */
export const found = (...findings: readonly Finding[]): Report => ({ findings });
