// Checks that every host can be reached: its name, the connection, the handshake. One line for each host.
import { type Context, check, type Facts, type Finding, fail, found, pass, warn } from './finding.ts';
import { type Reached, reach, troubleOf } from './network.ts';

type ReachedFact = Extract<keyof Facts, `${string}Reached`>;

interface Target {
  readonly url: string;
  readonly what: string;
  readonly fact: ReachedFact;
  /** Pages call it, not this server: behind a firewall it may be out of reach from here and work all the same. */
  readonly byPages?: boolean;
}

/** Days before a certificate's end from which somebody should know. Public ones are renewed 30 days before. */
const SOON = 14;

export const hosts = check({
  name: 'hosts',
  title: 'the hosts',
  group: 'Network',
  needs: ['endpoints'],
  run: (context, { endpoints }) => {
    const tokens: readonly Target[] =
      context.asked.source === 'none'
        ? []
        : [
            { url: endpoints.oauthToken, what: 'OAuth', fact: 'oauthReached' },
            { url: endpoints.guestTokens, what: 'guest tokens', fact: 'guestTokensReached' },
          ];
    return reachAll(context, [
      ...tokens,
      {
        url: endpoints.deployments,
        what: 'deployment files',
        fact: 'deploymentsReached',
        byPages: true,
      },
      { url: endpoints.bootstrap, what: "Messenger's script", fact: 'bootstrapReached', byPages: true },
    ]);
  },
});

/** The site's own hosts are worth a look also where the options say nothing of use. */
export const siteHosts = check({
  name: 'site-hosts',
  title: "the site's hosts",
  group: 'Network',
  run: (context) => {
    const { site, mount } = context.asked;
    return reachAll(context, [
      ...(site ? [{ url: site.href, what: "the site's page", fact: 'siteReached' } as const] : []),
      ...(mount ? [{ url: mount.href, what: 'the mounted handler', fact: 'mountReached' } as const] : []),
    ]);
  },
});

const reachAll = async (context: Context, targets: readonly Target[]) => {
  const byOrigin = new Map<string, Target[]>();
  for (const target of targets) {
    const { origin } = new URL(target.url);
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), target]);
  }
  const reports = await Promise.all([...byOrigin].map(([origin, group]) => reachOne(context, origin, group)));
  return {
    ...found(...reports.map(({ finding }) => finding)),
    facts: Object.assign({}, ...reports.map(({ facts }) => facts)) as Facts,
  };
};

const reachOne = async (
  { lookup, now, signal, env }: Context,
  origin: string,
  targets: readonly Target[],
): Promise<{ finding: Finding; facts: Facts }> => {
  const name = `${new URL(origin).host} (${targets.map(({ what }) => what).join(', ')})`;
  try {
    const reached = await reach(new URL(origin), lookup, now, signal);
    const facts = Object.fromEntries(targets.map(({ fact }) => [fact, true as const]));
    return { finding: goodOrSoon(name, reached), facts };
  } catch (error) {
    const { what, mend, misspelt } = troubleOf(error, env);
    const finding =
      misspelt || !targets.every(({ byPages }) => byPages)
        ? fail(`${name} ${what}`, mend)
        : warn(
            `${name} ${what}`,
            `${mend} Visitors' browsers call it, not this server: look from a desk, too.`,
          );
    return { finding, facts: {} };
  }
};

const goodOrSoon = (name: string, { ms, tls, certificateDays }: Reached): Finding => {
  if (certificateDays !== undefined && certificateDays < SOON) {
    return warn(
      `${name} answers, but its certificate ends in ${certificateDays} days`,
      'See why it has not been renewed.',
    );
  }
  return pass(`${name} answers in ${ms} ms${tls ? `, ${tls}` : ''}`);
};
