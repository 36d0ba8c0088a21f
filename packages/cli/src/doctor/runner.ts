// Runs the checks one after the other: none longer than its time, none without the facts that it needs, and all end.
import {
  type Check,
  type Context,
  capitalize,
  type Facts,
  type Finding,
  type Findings,
  type Flags,
  fail,
  skip,
} from './check.ts';
import { bootstrap, deployment } from './deployment-check.ts';
import { hosts } from './hosts-check.ts';
import { ask, type HttpAnswer } from './http.ts';
import { bootScript, mount, origins, proxy } from './mount-check.ts';
import { networkError } from './network-errors.ts';
import { options } from './options-check.ts';
import { page } from './page-check.ts';
import { clock, guestToken, oauth } from './platform-check.ts';
import { redactor } from './redact.ts';
import { redis } from './redis-check.ts';
import { caching, cookies, mountToken } from './visitors-check.ts';

/** In the order in which a person would look. */
const CHECKS: readonly Check[] = [
  options,
  hosts,
  clock,
  oauth,
  guestToken,
  deployment,
  bootstrap,
  redis,
  mount,
  origins,
  cookies,
  caching,
  mountToken,
  bootScript,
  proxy,
  page,
];

/** A finding with where it comes from. */
export interface Line extends Finding {
  readonly check: string;
  readonly group: string;
}

/** One request of a check, and what came. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly answer: HttpAnswer;
}

/** Why a fact is missing, for whoever needs it. */
const MISSING: Readonly<Record<keyof Facts, string>> = {
  platform: 'the options are not right',
  clockSkew: 'the time of the platform is not known',
  accessToken: 'there is no access token',
  mounted: 'the handler does not answer',
  mountOpen: "the site's pages may not call",
  visitor: 'there is no visitor cookie',
};

/** How often a check's time fits into that of all together. */
const CHECKS_AT_FULL_LENGTH = 6;

/** What went before says why. */
class Skipped extends Error {}

export interface Run {
  /** Every line as it is found. */
  readonly lines: AsyncGenerator<Line>;
  /** What is known so far. */
  facts(): Facts;
  readonly exchanges: readonly Exchange[];
}

export const runChecks = (flags: Flags, checks: readonly Check[] = CHECKS): Run => {
  const exchanges: Exchange[] = [];
  const unreachable = new Set<string>();
  let facts: Facts = {};
  const end = performance.now() + flags.timeout * CHECKS_AT_FULL_LENGTH;

  const contextOf = (signal: AbortSignal): Context => ({
    flags,
    facts,
    learn: (more) => {
      facts = { ...facts, ...more };
    },
    markUnreachable: (origin) => unreachable.add(origin),
    ask: async (url, request = {}) => {
      const target = new URL(url);
      if (unreachable.has(target.origin)) throw new Skipped('its host cannot be reached');
      const answer = await ask(target, request, signal);
      exchanges.push({ method: request.method ?? 'GET', url: target, answer });
      return answer;
    },
    signal,
  });

  const findingsOf = (each: Check): Promise<Findings> | Findings => {
    const missing = each.needs.find((fact) => facts[fact] === undefined);
    if (missing) return skipped(each, MISSING[missing]);
    const left = Math.min(flags.timeout, end - performance.now());
    return left > 0 ? inTime(each, contextOf, left) : skipped(each, 'the time is up');
  };

  const lines = async function* () {
    for (const each of checks.filter(({ when }) => when === undefined || when(flags))) {
      const findings = [await findingsOf(each)].flat().filter((finding) => !!finding);
      const redact = redactor(flags, facts);
      for (const { status, message, fix } of findings) {
        const clean = { status, message: redact(message), ...(fix && { fix: redact(fix) }) };
        yield { check: each.name, group: each.group, ...clean };
      }
    }
  };
  return { lines: lines(), facts: () => facts, exchanges };
};

const skipped = ({ title }: Check, why: string): Finding =>
  skip(`${capitalize(title)}: not checked, as ${why}`);

const inTime = async (
  each: Check,
  contextOf: (signal: AbortSignal) => Context,
  ms: number,
): Promise<Findings> => {
  const signal = AbortSignal.timeout(Math.ceil(ms));
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([each.run(contextOf(signal)), late]);
  } catch (error) {
    if (error instanceof Skipped) return skipped(each, error.message);
    const { what, fix } = networkError(error);
    return fail(`${capitalize(each.title)}: the host ${what}`, fix);
  }
};
