// Checks that every host can be reached the way this server would: its name, the connection, the handshake.
import { hostAndPort, networkError } from '@genesys-guest/common';
import { type Context, check, type Finding, fail, pass, warn } from './check.ts';

/** What pages call, not this server: behind a firewall it may be out of reach from here and work all the same. */
const BY_PAGES = ['deployment files', "Messenger's script"];

const MOUNT = 'the mounted handler';
const AT_START = 'Where an option is wrong the site does not start: its terminal lists each, with its fix.';

/** What is asked for at which URL, where that is known. */
const targetsOf = ({ facts: { platform, tokens, site, mount } }: Context) => {
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

export const hosts = check({
  title: 'the hosts',
  run: (context) => {
    const byOrigin = new Map<string, string[]>();
    for (const [what, url] of targetsOf(context)) {
      if (!url) continue;
      const { origin } = new URL(url);
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), what]);
    }
    return Promise.all([...byOrigin].map(([origin, uses]) => reach(origin, uses, context)));
  },
});

/** One line for each host. */
const reach = async (
  origin: string,
  uses: readonly string[],
  { ask, markUnreachable }: Context,
): Promise<Finding> => {
  const url = new URL(origin);
  const name = `${hostAndPort(url)} (${uses.join(', ')})`;
  try {
    const startedAt = performance.now();
    // Whatever it answers: name, connection and handshake are good.
    await ask(url, { method: 'HEAD' });
    return pass(`${name} answers in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    markUnreachable(origin);
    const { what, fix } = networkError(error);
    if (uses.includes(MOUNT)) return fail(`${name} ${what}`, `${fix} ${AT_START}`);
    if (!uses.every((use) => BY_PAGES.includes(use))) return fail(`${name} ${what}`, fix);
    return warn(`${name} ${what}`, `${fix} Browsers call it, not this server: look from a desk, too.`);
  }
};
