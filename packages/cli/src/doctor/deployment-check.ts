// Checks the Messenger deployment as pages meet it: its public files, its launcher, its domains, the script.
import { type AuthMode, type Finding, fail, type Platform, pass, skip, warn } from './check.ts';
import { field, type HttpAnswer, header, inShort } from './http.ts';
import type { Run } from './runner.ts';

const ADMIN = 'Genesys Cloud under Admin > Message > Messenger Deployments';

export const deployment = async ({ ask, learn, need }: Run) => {
  const { platform, site, mount } = need('platform');
  const folder = `${platform.endpoints.deployments}/${encodeURIComponent(platform.webchatId)}`;
  const config = await ask(`${folder}/config.json`);
  if (config.status !== 200 || !(field(config) instanceof Object)) return missing(config, platform);
  const auth = authOf(config);
  if (auth) learn({ auth });
  const hostname = (site ?? mount)?.hostname;
  return [
    statusFinding(config),
    launcherFinding(config),
    domainsFinding(await ask(`${folder}/domains.json`), hostname),
  ];
};

const authOf = (config: HttpAnswer): AuthMode | undefined => {
  const enabled = field(config, 'auth', 'enabled');
  if (typeof enabled !== 'boolean') return undefined;
  if (!enabled) return 'off';
  return field(config, 'auth', 'allowSessionUpgrade') === true ? 'upgrade' : 'required';
};

const missing = (answer: HttpAnswer, { webchatId, region }: Platform): Finding => {
  // The store behind the platform's CDN says 403 of what is not there.
  if (answer.status === 404 || answer.status === 403) {
    return fail(
      `There is no deployment ${webchatId} in ${region.aws} (HTTP ${answer.status})`,
      `Compare GENESYS_GUEST_WEBCHAT_ID with the deployment's id in ${ADMIN}, and check that the region is the organisation's.`,
    );
  }
  return fail(
    `The deployment's config.json cannot be read: ${inShort(answer)}`,
    'Look for a proxy that answers in its place; on a failure of the platform see status.mypurecloud.com.',
  );
};

const statusFinding = (config: HttpAnswer): Finding => {
  const status = field(config, 'status');
  if (status !== undefined && String(status).toLowerCase() !== 'active') {
    const fix = `Set its status to Active in ${ADMIN}.`;
    return fail(`The deployment is ${status}: pages show no Messenger`, fix);
  }
  if (field(config, 'messenger', 'enabled') === false) {
    const fix = 'Switch Messenger on in the Messenger configuration that the deployment uses.';
    return fail('The deployment has Messenger switched off', fix);
  }
  return pass('The deployment exists and is active');
};

const launcherFinding = (config: HttpAnswer): Finding => {
  if (field(config, 'headlessMode', 'enabled')) {
    return warn(
      'The deployment is headless: no launcher, no window, and opening Messenger fails (messenger_headless)',
      `Unless the site draws its own chat, switch headless mode off in ${ADMIN}.`,
    );
  }
  const visibility = field(config, 'messenger', 'launcherButton', 'visibility') ?? 'not said';
  if (visibility !== 'Off') return pass(`The launcher's visibility is ${visibility}`);
  return warn(
    'The launcher is never visible (Off): with data-launcher="genesys" visitors see no button',
    'Set the launcher to On or OnDemand in the Messenger configuration, or give pages a button of their own: data-launcher="facade", or "none" and session.open().',
  );
};

/** Names that a message lists at most. */
const SHOWN = 5;

const domainsFinding = (answer: HttpAnswer, hostname: string | undefined): Finding => {
  if (answer.status !== 200 || !(field(answer) instanceof Object)) {
    const fix = 'Look for a proxy that answers in its place.';
    return fail(`The deployment's domains.json cannot be read: ${inShort(answer)}`, fix);
  }
  if (field(answer, 'allowAllDomains') === true) return pass('Pages of every domain may show this Messenger');
  const all = [field(answer, 'allowedDomains') ?? []].flat().map((domain) => String(domain).toLowerCase());
  const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : '';
  const list = `${all.slice(0, SHOWN).join(', ') || 'none'}${more}`;
  if (hostname === undefined) {
    return skip(`Domains that may show this Messenger: ${list}`, "Add --site <url> to check the site's.");
  }
  // As Messenger compares: host names alone, and a domain stands for what is below it, too.
  if (all.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`))) {
    return pass(`Pages of ${hostname} may show this Messenger`);
  }
  return fail(
    `Pages of ${hostname} may not show this Messenger; allowed are ${list}`,
    `Add ${hostname} to the allowed domains of the deployment in ${ADMIN}.`,
  );
};

export const bootstrap = async ({ ask, need }: Run) => {
  const { endpoints } = need('platform').platform;
  const answer = await ask(endpoints.bootstrap);
  if (answer.status === 200 && answer.text !== '' && !/html/i.test(header(answer, 'content-type'))) {
    return pass(`Messenger's script can be loaded (${Math.ceil(answer.text.length / 1024)} kB)`);
  }
  return fail(
    `Messenger's script cannot be loaded from ${endpoints.bootstrap}: ${inShort(answer)}`,
    "Check the region and endpoints.bootstrap: pages load the script from the region's own CDN, and no other copy works.",
  );
};
