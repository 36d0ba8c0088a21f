// Checks the Messenger deployment as pages meet it: its public files, its launcher, its domains, the script.
import type { Deployment, Domains } from './deployment-files.ts';
import { isDomainAllowed, readDeployment, readDomains } from './deployment-files.ts';
import { check, type Facts, type Finding, fail, found, pass, skip, warn } from './finding.ts';
import { ask, type HttpAnswer, header, inShort } from './http.ts';

const ADMIN = 'Genesys Cloud under Admin > Message > Messenger Deployments';

const fileOf = (
  { endpoints, webchatId }: Required<Pick<Facts, 'endpoints' | 'webchatId'>>,
  file: 'config' | 'domains',
): string => `${endpoints.deployments}/${encodeURIComponent(webchatId)}/${file}.json`;

export const deployment = check({
  name: 'deployment',
  title: 'the deployment',
  group: 'Deployment',
  needs: ['endpoints', 'webchatId', 'deploymentsReached'],
  run: async ({ signal }, facts) => {
    const answer = await ask(fileOf(facts, 'config'), {}, signal);
    const known = answer.status === 200 ? readDeployment(answer.text) : undefined;
    if (!known) return found(missing(answer, facts));
    return { findings: [statusFinding(known), launcherFinding(known)], facts: { deployment: known } };
  },
});

const missing = (answer: HttpAnswer, { webchatId, region }: Facts): Finding => {
  // The store behind the platform's CDN says 403 of what is not there.
  if (answer.status === 404 || answer.status === 403) {
    return fail(
      `There is no deployment ${webchatId} in ${region?.aws ?? 'this region'} (HTTP ${answer.status})`,
      `Compare GENESYS_GUEST_WEBCHAT_ID with the deployment's id in ${ADMIN}, and check that the region is the organisation's.`,
    );
  }
  return fail(
    `The deployment's config.json cannot be read: ${inShort(answer)}`,
    'Look for a proxy that answers in its place; on a failure of the platform see status.mypurecloud.com.',
  );
};

const statusFinding = ({ status, messenger }: Deployment): Finding => {
  if (status !== undefined && status.toLowerCase() !== 'active') {
    return fail(
      `The deployment is ${status}: pages show no Messenger`,
      `Set its status to Active in ${ADMIN}.`,
    );
  }
  if (messenger?.enabled === false) {
    return fail(
      'The deployment has Messenger switched off',
      'Switch Messenger on in the Messenger configuration that the deployment uses.',
    );
  }
  return pass('The deployment exists and is active');
};

const LAUNCHER: Readonly<Record<string, Finding>> = {
  On: pass('The launcher is always visible (On): good for data-launcher="genesys"'),
  OnDemand: pass(
    'The launcher is shown on demand (OnDemand): data-launcher="genesys" shows it, "facade" brings its own button until the chat opens',
  ),
  Off: warn(
    'The launcher is never visible (Off): with data-launcher="genesys" visitors see no button',
    'Set the launcher to On or OnDemand in the Messenger configuration, or give pages a button of their own: data-launcher="facade", or "none" and session.open().',
  ),
};

const launcherFinding = ({ headlessMode, messenger }: Deployment): Finding => {
  if (headlessMode?.enabled) {
    return warn(
      'The deployment is headless: no launcher, no window, and opening Messenger fails (messenger_headless)',
      `Unless the site draws its own chat, switch headless mode off in ${ADMIN}.`,
    );
  }
  const visibility = messenger?.launcherButton?.visibility;
  return (
    LAUNCHER[visibility ?? ''] ??
    skip(`The launcher's visibility is ${visibility ? `'${visibility}', which is not known` : 'not said'}`)
  );
};

export const domains = check({
  name: 'domains',
  title: "the deployment's domains",
  group: 'Deployment',
  needs: ['endpoints', 'webchatId', 'deployment'],
  run: async ({ asked, signal }, facts) => {
    const answer = await ask(fileOf(facts, 'domains'), {}, signal);
    const known = answer.status === 200 ? readDomains(answer.text) : undefined;
    if (!known) {
      return found(
        fail(
          `The deployment's domains.json cannot be read: ${inShort(answer)}`,
          'Look for a proxy that answers in its place.',
        ),
      );
    }
    return found(domainsFinding(known, (asked.site ?? asked.mount)?.hostname));
  },
});

/** Names that a message lists at most. */
const SHOWN = 5;

const domainsFinding = (known: Domains, hostname: string | undefined): Finding => {
  if (known.allowAllDomains) return pass('Pages of every domain may show this Messenger');
  const all = known.allowedDomains ?? [];
  const list =
    all.length > SHOWN
      ? `${all.slice(0, SHOWN).join(', ')} and ${all.length - SHOWN} more`
      : all.join(', ') || 'none';
  if (hostname === undefined) {
    return skip(
      `Domains that may show this Messenger: ${list}`,
      "Add --site <url> to check the site's against them.",
    );
  }
  if (isDomainAllowed(known, hostname)) return pass(`Pages of ${hostname} may show this Messenger`);
  return fail(
    `Pages of ${hostname} may not show this Messenger; allowed are ${list}`,
    `Add ${hostname} to the allowed domains of the deployment in ${ADMIN}.`,
  );
};

export const bootstrap = check({
  name: 'bootstrap',
  title: "Messenger's script",
  group: 'Deployment',
  needs: ['endpoints', 'bootstrapReached'],
  run: async ({ signal }, { endpoints }) => {
    const answer = await ask(endpoints.bootstrap, { headers: { 'accept-encoding': 'br, gzip' } }, signal);
    const isScript =
      answer.status === 200 && answer.text !== '' && !/html/i.test(header(answer, 'content-type'));
    if (isScript)
      return found(pass(`Messenger's script can be loaded (${Math.ceil(answer.text.length / 1024)} kB)`));
    return found(
      fail(
        `Messenger's script cannot be loaded from ${endpoints.bootstrap}: ${inShort(answer)}`,
        "Check the region and endpoints.bootstrap: pages load the script from the region's own CDN, and no other copy works.",
      ),
    );
  },
});
