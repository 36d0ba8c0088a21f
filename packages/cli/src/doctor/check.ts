// What the doctor's checks take and give: flags and facts in, findings and new facts out.
import type { OnboardingConfig, Region } from '@genesys-guest/common';
import type { GenesysGuestOptions, Endpoints as ServerEndpoints } from '@genesys-guest/server';
import type { HttpAnswer, HttpRequest } from './http.ts';

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

/** Full URLs. */
export interface Endpoints extends ServerEndpoints {
  /** The folder of the deployments' public files. */
  readonly deployments: string;
}

/** What the command line asks for. A check that needs what was not asked for is left out in silence. */
export interface Flags {
  readonly source?: string | undefined;
  /** The site issues guest tokens. */
  readonly tokens?: true | undefined;
  /** Where they are not the region's. */
  readonly endpoints: GenesysGuestOptions['endpoints'] & object;
  /** The emulator's origin, if the endpoints are its own. */
  readonly emulator?: string | undefined;
  /** A page of the site that shows the chat. */
  readonly site?: URL | undefined;
  /** Where the handler is mounted. */
  readonly mount?: URL | undefined;
  readonly redis?: string | undefined;
  /** What every key of the store begins with, before the colon. */
  readonly redisPrefix?: string | undefined;
  /** The URL of Redis is written on the command line itself. */
  readonly redisInPlainSight?: boolean | undefined;
  /** Guest tokens may really be issued, for test guests. */
  readonly issue?: true | undefined;
  /** Milliseconds of one check. */
  readonly timeout: number;
}

/** Where the site's options lead; known where nothing is wrong with them. */
export interface Platform {
  readonly region: Region;
  readonly endpoints: Endpoints;
  readonly webchatId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Authentication in the deployment: none, members alone, or visitors who may sign in later. */
export type AuthMode = 'off' | 'required' | 'upgrade';

/** What is known so far. A check names the facts that it needs, and is skipped where one is missing. */
export interface Facts extends Flags {
  readonly platform?: Platform;
  /** Milliseconds by which the platform's clock is ahead of ours. */
  readonly clockSkew?: number;
  readonly accessToken?: string;
  /** Known where the deployment's `config.json` says it. */
  readonly auth?: AuthMode;
  /** What `GET /config` of the mounted handler answers to a stranger. */
  readonly mounted?: OnboardingConfig;
  /** The mounted handler lets the site's pages call. */
  readonly mountOpen?: true;
  /** A visitor cookie of the mounted handler, as `name=value`. */
  readonly visitor?: string;
}

export interface Context<K extends keyof Facts = never> {
  readonly facts: Facts & { readonly [P in K]-?: NonNullable<Facts[P]> };
  /** Adds to what the checks that follow know. */
  learn(facts: Partial<Facts>): void;
  /** One HTTP request, ended with the check's time. @throws what the network says */
  ask(url: string | URL, request?: HttpRequest): Promise<HttpAnswer>;
  /** Leaves out what needs this host: why it cannot be reached has been told. */
  markUnreachable(origin: string): void;
  /** Aborted when the check's time is up. */
  readonly signal: AbortSignal;
}

interface CheckOf<K extends keyof Facts> {
  /** What it is about, in the words of the skip that takes its place. */
  readonly title: string;
  readonly needs?: readonly K[];
  readonly run: (context: Context<K>) => Promise<Findings> | Findings;
}

export type Check = CheckOf<never> & { readonly needs: readonly (keyof Facts)[] };

/** A check whose `run` knows that the facts which it needs are there. */
export const check = <K extends keyof Facts = never>({ needs = [], ...rest }: CheckOf<K>): Check =>
  ({ ...rest, needs }) as unknown as Check;

export const pass = (message: string): Finding => ({ status: 'pass', message });
export const warn = (message: string, fix: string): Finding => ({ status: 'warn', message, fix });
export const fail = (message: string, fix: string): Finding => ({ status: 'fail', message, fix });
export const skip = (message: string, fix?: string): Finding => ({ status: 'skip', message, fix });

export const capitalize = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** A length of time as a person would say it. */
export const duration = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
};
