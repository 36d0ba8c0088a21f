// Runs the checks one after the other: none longer than its time, none without the facts that it needs, and all end.
import { once } from 'node:events';
import { hostAndPort, networkError } from '@genesys-guest/common';
import { type Facts, type Finding, type Findings, fail, skip } from './check.ts';
import type { Flags } from './flags.ts';
import { ask, type HttpAnswer, type HttpRequest } from './http.ts';
import { redactor } from './redact.ts';

/** Its title stands in the line that takes its place. */
export type Check = readonly [
  group: string,
  check: string,
  title: string,
  run: (run: Run) => Promise<Findings> | Findings,
];

/** A finding with where it comes from. */
export interface Line extends Finding {
  readonly check: string;
  readonly group: string;
}

/** Why a fact is missing, for whoever needs it. What was not asked for is missing without a word. */
const MISSING: Readonly<Partial<Record<keyof Facts, string>>> = {
  platform: 'the options are not right',
  accessToken: 'there is no access token',
  mounted: 'the handler does not answer',
  opened: "the site's pages may not call",
  visitor: 'there is no visitor cookie',
};

/** The facts, these among them. */
export type Known<K extends keyof Facts> = Facts & { readonly [P in K]-?: NonNullable<Facts[P]> };

/** How often a check's time fits into that of all together. */
const CHECKS_AT_FULL_LENGTH = 6;

/** The part of a check's time that its requests may take. */
const OF_REQUESTS = 0.9;

/** What went before says why. */
class Skipped extends Error {}

/** One run of the command: what it knows so far, and what its checks may do. */
export class Run {
  facts: Facts;
  readonly recorded: { readonly url: URL; readonly answer: HttpAnswer }[] = [];
  /** Origins that cannot be reached, as has been told: what needs them is left out. */
  readonly unreachable = new Set<string>();
  /** Aborted when the time of the check's requests is up. */
  signal = AbortSignal.abort();
  /** Milliseconds, when the time of all together is up. */
  readonly #end: number;
  /** Of the last request. */
  #host = 'the host';

  constructor(flags: Flags) {
    this.facts = flags;
    this.#end = performance.now() + flags.timeout * CHECKS_AT_FULL_LENGTH;
  }

  /** What is known. Leaves the check out where one of these facts is missing, or no time is left. */
  need = <K extends keyof Facts>(...facts: K[]): Known<K> => {
    const missing = facts.find((fact) => !this.facts[fact]);
    if (missing) throw new Skipped(MISSING[missing]);
    if (performance.now() > this.#end) throw new Skipped('the time is up');
    return this.facts as Known<K>;
  };

  /** Adds to what the checks that follow know. */
  learn = (more: Partial<Facts>): void => {
    this.facts = { ...this.facts, ...more };
  };

  /** One HTTP request, ended with the check's time. @throws what the network says */
  ask = async (given: string | URL, request: HttpRequest = {}): Promise<HttpAnswer> => {
    const url = new URL(given);
    this.#host = hostAndPort(url);
    if (this.unreachable.has(url.origin)) throw new Skipped('its host cannot be reached');
    const answer = await ask(url, request, this.signal);
    this.recorded.push({ url, answer });
    return answer;
  };

  /** Every line as it is found. */
  async *lines(checks: readonly Check[]): AsyncGenerator<Line> {
    for (const [group, check, title, run] of checks) {
      const findings = [await this.#inTime(title, run)].flat().filter((finding) => !!finding);
      const redact = redactor(this.facts);
      // One line, and none that a terminal obeys, whoever wrote what is repeated.
      const shown = (text: string): string => redact(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
      for (const { status, message, fix } of findings) {
        yield { check, group, status, message: shown(message), ...(fix && { fix: shown(fix) }) };
      }
    }
  }

  async #inTime(title: string, run: Check[3]): Promise<Findings> {
    const ms = Math.max(1, Math.min(this.facts.timeout, this.#end - performance.now()));
    // Requests end first: they know which host it was.
    this.signal = AbortSignal.timeout(Math.ceil(ms * OF_REQUESTS));
    const end = AbortSignal.timeout(Math.ceil(ms));
    try {
      return await Promise.race([run(this), once(end, 'abort').then(() => Promise.reject(end.reason))]);
    } catch (error) {
      if (error instanceof Skipped)
        return error.message ? skip(`${title}: not checked, as ${error.message}`) : [];
      const { what, fix } = networkError(error);
      return fail(`${title}: ${this.#host} ${what}`, fix);
    }
  }
}
