// Runs the checks one after the other: none longer than its time, none without the facts that it needs, and all end.
import { bootScript } from './boot-check.ts';
import { bootstrap, deployment, domains } from './deployment-check.ts';
import { type Check, type Context, type Facts, type Finding, fail, type Lookup, skip } from './finding.ts';
import { mount, origins } from './mount-check.ts';
import { troubleOf } from './network.ts';
import { hosts, siteHosts } from './network-check.ts';
import { options } from './options-check.ts';
import { page } from './page-check.ts';
import { clock, guestToken, oauth } from './platform-check.ts';
import { redis } from './redis-check.ts';
import { caching, cookies, mountToken } from './visitors-check.ts';
import { capital } from './words.ts';

/** In the order in which a person would look. */
export const CHECKS: readonly Check[] = [
  options,
  hosts,
  siteHosts,
  clock,
  oauth,
  guestToken,
  deployment,
  domains,
  bootstrap,
  redis,
  mount,
  origins,
  cookies,
  caching,
  mountToken,
  bootScript,
  page,
];

/** A finding with where it comes from. */
export interface Line extends Finding {
  readonly check: string;
  readonly group: string;
}

/** Why a fact is missing, for whoever needs it. */
const MISSING: Readonly<Record<keyof Facts, string>> = {
  region: 'the region is not known',
  clientId: 'the client id is not known',
  clientSecret: 'the client secret is not known',
  webchatId: "the deployment's id is not known",
  secrets: 'the secrets are not known',
  endpoints: 'the region is not known',
  oauthReached: 'its host cannot be reached',
  guestTokensReached: 'their host cannot be reached',
  bootstrapReached: 'its host cannot be reached',
  deploymentsReached: 'its host cannot be reached',
  siteReached: 'its host cannot be reached',
  mountReached: 'its host cannot be reached',
  accessToken: 'there is no access token',
  deployment: 'the deployment cannot be read',
  mounted: 'the handler does not answer',
  mountOpen: "the site's pages may not call",
  visitor: 'there is no visitor cookie',
};

/** How often a check's time fits into that of all together. */
const CHECKS_AT_FULL_LENGTH = 6;

export type Surroundings = Omit<Context, 'signal'> & { readonly lookup: Lookup };

/** Every line as it is found. */
export const diagnose = async function* (
  around: Surroundings,
  checks: readonly Check[] = CHECKS,
): AsyncGenerator<Line> {
  const end = performance.now() + around.asked.timeout * CHECKS_AT_FULL_LENGTH;
  let facts: Facts = {};
  for (const each of checks.filter(({ when }) => when(around.asked))) {
    const missing = each.needs.find((fact) => facts[fact] === undefined);
    const left = Math.min(around.asked.timeout, end - performance.now());
    const report = missing
      ? { findings: [skip(`${capital(each.title)}: not checked, as ${MISSING[missing]}`)] }
      : left <= 0
        ? { findings: [skip(`${capital(each.title)}: not checked, as the time is up`)] }
        : await inTime(each, around, facts, left);
    facts = { ...facts, ...report.facts };
    const secrets = secretsIn(around, facts);
    for (const finding of report.findings) {
      yield { check: each.name, group: each.group, ...censored(finding, secrets) };
    }
  }
};

const inTime = async (each: Check, around: Surroundings, facts: Facts, ms: number) => {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = Object.assign(new Error('late'), { name: 'TimeoutError' });
      reject(error);
      controller.abort(error);
    }, ms);
  });
  const work = each.run({ ...around, signal: controller.signal }, facts);
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    const { what, mend } = troubleOf(error, around.env);
    return { findings: [fail(`${capital(each.title)}: the host ${what}`, mend)], facts: {} };
  } finally {
    clearTimeout(timer);
    // What it comes to after its time is nobody's any more.
    work.catch(() => {});
  }
};

/** No message is built from them; this is the second lock on the same door. */
const secretsIn = ({ asked, env }: Surroundings, facts: Facts): readonly string[] => {
  const password = asked.redis && URL.canParse(asked.redis) ? new URL(asked.redis).password : '';
  return [
    env['GENESYSCLOUD_OAUTHCLIENT_SECRET'],
    ...(env['GENESYS_GUEST_SECRETS'] ?? '').split(',').map((secret) => secret.trim()),
    facts.accessToken,
    facts.visitor?.split('=')[1],
    password,
    password && decodeURIComponent(password),
  ].filter((secret) => secret !== undefined && secret.length >= SHORTEST) as string[];
};

/** Characters: what is shorter would be found in ordinary words. */
const SHORTEST = 5;

const censored = ({ status, message, mend }: Finding, secrets: readonly string[]): Finding => {
  const clean = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '•••'), text);
  return { status, message: clean(message), ...(mend !== undefined && { mend: clean(mend) }) };
};
