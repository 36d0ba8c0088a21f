// Runs the checks one after the other: none longer than its time, none without the facts that it needs, and all end.
import { hostAndPort, networkError } from '@genesys-guest/common';
import {
  type Check,
  type Context,
  capitalize,
  type Facts,
  type Finding,
  type Findings,
  fail,
  skip,
} from './check.ts';
import { bootstrap, deployment } from './deployment-check.ts';
import { hosts } from './hosts-check.ts';
import { ask, type HttpAnswer } from './http.ts';
import { members } from './members-check.ts';
import { bootScript, mount, origins, proxy } from './mount-check.ts';
import { options } from './options-check.ts';
import { page } from './page-check.ts';
import { clock, guestToken, oauth } from './platform-check.ts';
import { redactor } from './redact.ts';
import { redis } from './redis-check.ts';
import { caching, cookies, mountToken } from './visitors-check.ts';

type Checks = Readonly<Record<string, Readonly<Record<string, Check>>>>;

/** By group and name, in the order in which a person would look. */
const CHECKS: Checks = {
  Options: { options },
  Network: { hosts },
  'Genesys Cloud': { clock, oauth, 'guest-token': guestToken },
  Deployment: { deployment, bootstrap },
  Redis: { redis },
  'Mounted handler': {
    mount,
    origins,
    cookies,
    caching,
    'mount-token': mountToken,
    'boot-script': bootScript,
    proxy,
  },
  'Signed-in members': { members },
  Page: { page },
};

/** A finding with where it comes from. */
export interface Line extends Finding {
  readonly check: string;
  readonly group: string;
}

/** One request of a check, and what came. */
export interface RecordedCall {
  readonly method: string;
  readonly url: URL;
  readonly answer: HttpAnswer;
}

/** Why a fact is missing, for whoever needs it. What was not asked for is missing without a word. */
const MISSING: Readonly<Partial<Record<keyof Facts, string>>> = {
  platform: 'the options are not right',
  accessToken: 'there is no access token',
  mounted: 'the handler does not answer',
  mountOpen: "the site's pages may not call",
  visitor: 'there is no visitor cookie',
};

/** How often a check's time fits into that of all together. */
const CHECKS_AT_FULL_LENGTH = 6;

/** The part of a check's time that its requests may take. */
const OF_REQUESTS = 0.9;

/** What went before says why. */
class Skipped extends Error {}

/** One run of the command: what it finds, and what it knows so far. */
export class Run {
  readonly recorded: RecordedCall[] = [];
  facts: Facts;
  readonly #checks: Checks;
  /** Milliseconds, when the time of all together is up. */
  readonly #end: number;
  readonly #unreachable = new Set<string>();
  /** Of the last request. */
  #host = 'the host';

  constructor(flags: Facts, checks = CHECKS) {
    this.facts = flags;
    this.#checks = checks;
    this.#end = performance.now() + flags.timeout * CHECKS_AT_FULL_LENGTH;
  }

  /** Every line as it is found. */
  async *lines(): AsyncGenerator<Line> {
    for (const [group, checks] of Object.entries(this.#checks)) {
      for (const [check, each] of Object.entries(checks)) {
        const findings = [await this.#findingsOf(each)].flat().filter((finding) => !!finding);
        const redact = redactor(this.facts);
        // One line, and none that a terminal obeys, whoever wrote what is repeated.
        const shown = (text: string): string => redact(text).replace(/[\p{Cc}\p{Cf}]/gu, '?');
        for (const { status, message, fix } of findings) {
          yield { check, group, status, message: shown(message), ...(fix && { fix: shown(fix) }) };
        }
      }
    }
  }

  #findingsOf(each: Check): Promise<Findings> | Findings {
    const missing = each.needs.find((fact) => this.facts[fact] === undefined);
    if (missing) return skipped(each, MISSING[missing]);
    const left = Math.min(this.facts.timeout, this.#end - performance.now());
    return left > 0 ? this.#inTime(each, left) : skipped(each, 'the time is up');
  }

  async #inTime(each: Check, ms: number): Promise<Findings> {
    // Requests end first: they know which host it was.
    const signal = AbortSignal.timeout(Math.ceil(ms * OF_REQUESTS));
    const end = AbortSignal.timeout(Math.ceil(ms));
    const late = new Promise<never>((_, reject) => {
      end.addEventListener('abort', () => reject(end.reason), { once: true });
    });
    try {
      return await Promise.race([each.run(this.#contextFor(signal)), late]);
    } catch (error) {
      if (error instanceof Skipped) return skipped(each, error.message);
      const { what, fix } = networkError(error);
      return fail(`${capitalize(each.title)}: ${this.#host} ${what}`, fix);
    }
  }

  #contextFor(signal: AbortSignal): Context {
    return {
      facts: this.facts,
      signal,
      learn: (more) => {
        this.facts = { ...this.facts, ...more };
      },
      markUnreachable: (origin) => this.#unreachable.add(origin),
      ask: async (given, request = {}) => {
        const url = new URL(given);
        this.#host = hostAndPort(url);
        if (this.#unreachable.has(url.origin)) throw new Skipped('its host cannot be reached');
        const answer = await ask(url, request, signal);
        this.recorded.push({ method: request.method ?? 'GET', url, answer });
        return answer;
      },
    };
  }
}

const skipped = ({ title }: Check, why: string | undefined): Findings =>
  why === undefined ? [] : skip(`${capitalize(title)}: not checked, as ${why}`);
