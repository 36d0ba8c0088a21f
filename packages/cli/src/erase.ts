// `genesys-guest erase`: forgets a person in every webchat and every instance of a site that shares a Redis.
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createGuestTokens } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { command } from './command.ts';
import { loadEnvironment, redisOf } from './doctor/flags.ts';

const ERASE_HELP = `Usage: genesys-guest erase <externalId | -> --redis <url | env:NAME> [flags]

Forgets a person: the tokens of every webchat, in Redis and in all instances, and in each instance, within a minute,
the audit entries in memory and the events that wait. Prints the audit entry, which holds a keyed hash of the id:
keep it. It does not reach your audit sink, events already sent, your logs, or Genesys Cloud.

Reads GENESYSCLOUD_REGION, GENESYS_GUEST_WEBCHAT_ID and GENESYS_GUEST_SECRETS from the environment, then .env in the
current folder, where there is one. They must be those of the site.

  -                          read the id from standard input, so that it stands in no shell history
  --redis <url>              the shared store; env:REDIS_URL reads its URL from the environment
  --redis-prefix <text>      what its keys begin with (default genesys-guest), as the option prefix
  --guest-tokens-url <url>   the option endpoints.guestTokens, where the site sets it: its tokens have other keys
  --env-file <path>          another file in place of .env
  --help                     this

Exit status: 0 erased, or nothing was there; 1 Redis does not answer, or not what can be read; 2 wrong usage.
`;

/** Milliseconds that Redis has to answer. */
const PATIENCE = 10_000;

const OPTIONS = {
  redis: { type: 'string' },
  'redis-prefix': { type: 'string' },
  'guest-tokens-url': { type: 'string' },
  'env-file': { type: 'string' },
} as const;

const read = (args: readonly string[]) => {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  loadEnvironment(values['env-file']);
  const [given, ...others] = positionals;
  if (given === undefined || others.length > 0) throw new TypeError('give one externalId, or - to read it');
  if (values.redis === undefined) throw new TypeError('--redis is missing');
  const prefix = values['redis-prefix'];
  const guestTokens = values['guest-tokens-url'];
  const tokens = createGuestTokens({
    // It issues nothing, and so needs no OAuth client.
    source: 'none',
    store: redisStore({ url: redisOf(values.redis), ...(prefix !== undefined && { prefix }) }),
    logger: console,
    logLevel: 'warn',
    ...(guestTokens && { endpoints: { guestTokens } }),
  });
  return { given, tokens };
};

export const erase = command('erase', ERASE_HELP, read, async ({ given, tokens }, { out, err }) => {
  try {
    const externalId = given === '-' ? (await text(process.stdin)).trim() : given;
    // A list would be taken for the id of one person, of whom nothing is held.
    if (externalId.includes('\n')) throw new TypeError('give one externalId, on one line');
    const end = performance.now() + PATIENCE;
    // Redis is being connected.
    while (tokens.telemetry().store !== 'connected' && performance.now() < end) await sleep(100);
    const had = await tokens.erase(externalId);
    out.write(`${JSON.stringify(tokens.auditLog().at(-1))}\n`);
    err.write(had ? 'Erased.\n' : 'Nothing was held of this person.\n');
    return 0;
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    const unavailable = code === 'store_unavailable';
    err.write(`genesys-guest erase: ${unavailable ? UNAVAILABLE : message}\n`);
    return unavailable ? 1 : 2;
  } finally {
    await tokens.close();
  }
});

const UNAVAILABLE =
  `within ${PATIENCE / 1_000} s Redis gave no answer that can be read: check that it is there, ` +
  'and that GENESYS_GUEST_SECRETS are those of the site, and ask again';
