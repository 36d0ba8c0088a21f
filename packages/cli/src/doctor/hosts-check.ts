// Checks that every host can be reached the way this server would: its name, the connection, the handshake.
import { hostAndPort, networkError } from '@genesys-guest/common';
import { type Facts, type Finding, fail, pass, warn } from './check.ts';
import type { Run } from './runner.ts';

/** What pages call, not this server: behind a firewall it may be out of reach from here and work all the same. */
const BY_PAGES = ['deployment files', "Messenger's script"];

const MOUNT = 'the mounted handler';
const AT_START = 'Where an option is wrong the site does not start: its terminal lists each, with its fix.';

/** What is asked for at which URL, where that is known. */
const targetsOf = ({ platform, tokens, site, mount }: Facts) => {
  const { oauthToken, guestTokens, deployments, bootstrap } = platform?.endpoints ?? {};
  return [
    ['OAuth', tokens && oauthToken],
    ['guest tokens', tokens && guestTokens],
    ['deployment files', deployments],
    ["Messenger's script", bootstrap],
    ["the site's page", site],
    [MOUNT, mount],
  ] as const;
};

export const hosts = (run: Run) => {
  const byOrigin = new Map<string, string[]>();
  for (const [what, url] of targetsOf(run.need())) {
    if (!url) continue;
    const { origin } = new URL(url);
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), what]);
  }
  return Promise.all([...byOrigin].map(([origin, uses]) => reach(origin, uses, run)));
};

/** One line for each host. */
const reach = async (
  origin: string,
  uses: readonly string[],
  { ask, unreachable }: Run,
): Promise<Finding> => {
  const url = new URL(origin);
  const name = `${hostAndPort(url)} (${uses.join(', ')})`;
  try {
    const startedAt = performance.now();
    // Whatever it answers: name, connection and handshake are good.
    await ask(url, { method: 'HEAD' });
    return pass(`${name} answers in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    unreachable.add(origin);
    const { what, fix } = networkError(error);
    if (uses.includes(MOUNT)) return fail(`${name} ${what}`, `${fix} ${AT_START}`);
    if (!uses.every((use) => BY_PAGES.includes(use))) return fail(`${name} ${what}`, fix);
    return warn(`${name} ${what}`, `${fix} Browsers call it, not this server: look from a desk, too.`);
  }
};
