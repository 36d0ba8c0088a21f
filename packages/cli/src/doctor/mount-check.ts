// Checks the mounted handler from outside: whether it answers, serves its script, and whom it lets call.
import type { OnboardingConfig } from '@genesys-guest/common';
import { elsePass, type Facts, type Finding, fail, pass, skip, warn } from './check.ts';
import { type HttpAnswer, header, inShort, sharesCookie } from './http.ts';
import type { Run } from './runner.ts';
import { configOf, pageOrigin, post, problemOf, under } from './visitor.ts';

export const mount = async ({ ask, learn, need }: Run) => {
  const facts = need();
  if (!facts.mount)
    return skip('The mounted handler: not asked for', 'Add --url <url> to check it from outside.');
  const url = under(facts.mount, '/config');
  const answer = await ask(url);
  const mounted = configOf(answer);
  if (!mounted) return notOurs(url, answer, facts.mount, ask);
  learn({ mounted });
  return elsePass(differences(mounted, facts), `${url.href} answers as ours`);
};

const notOurs = async (url: URL, answer: HttpAnswer, mount: URL, ask: Run['ask']): Promise<Finding> => {
  const what = `${url.href} is not answered by the handler: ${inShort(answer)}`;
  // The script is for everyone: it comes where identify fails, and does not where nothing of ours is called.
  if (answer.status >= 500 && isBootScript(await ask(under(mount, '/boot.js'))))
    return fail(`identify(req) fails for who is not signed in: ${inShort(answer)} from ${url.href}`, NOBODY);
  if (answer.status === 404 && configOf(await ask(new URL('/config', mount))))
    return fail(`The handler is mounted at ${mount.origin}/, not at ${mount.href}`, AT_ROOT);
  return fail(what, fixOf(answer.status));
};

const AT_ROOT =
  "Give it the path: app.use('/chat', guest). app.use(guest) takes /config and /boot.js of the whole site.";

const fixOf = (status: number): string => {
  if (status >= 500)
    return "See the site's log. Mount what genesysGuest(options) returns: app.use('/chat', genesysGuest) does not call it.";
  if (status >= 300 && status < 400)
    return 'Give the final URL; if it leads to a sign-in, mount the handler before what asks for one.';
  if (status === 401 || status === 403)
    return 'Mount the handler before what asks for a sign-in, and let firewall and bot protection pass its path.';
  if (status === 404)
    return "Check the mount path in app.use('/chat', guest), that the proxy forwards it whole (nginx: proxy_pass without a path of its own strips nothing), and that no route before it takes it.";
  return 'Check that --url is the mount path, and that no catch-all route or page cache comes first.';
};

const differences = ({ webchatId, environment }: OnboardingConfig, { platform }: Facts) => [
  platform &&
    webchatId !== platform.webchatId &&
    fail(
      `The mounted handler serves the deployment ${webchatId}, not ${platform.webchatId}`,
      "Check GENESYS_GUEST_WEBCHAT_ID in the site's environment and here.",
    ),
  platform &&
    environment !== platform.region.domain &&
    fail(
      `The mounted handler is set to the region ${environment}, not ${platform.region.domain}`,
      "Check GENESYSCLOUD_REGION in the site's environment and here.",
    ),
];

export const origins = async (run: Run) => {
  const facts = run.need('mount', 'mounted');
  const { mount: url } = facts;
  const origin = pageOrigin(facts);
  const modern = await post(run, '/renew');
  if (!configOf(modern)) return refused(modern, origin, url);
  run.learn({ opened: modern });
  // Browsers before 2023, and pages without TLS, send no Sec-Fetch-Site.
  const old = await post(run, '/renew', { 'sec-fetch-site': undefined });
  const foreign = await post(run, '/renew', { origin: FOREIGN, 'sec-fetch-site': 'cross-site' });
  return [
    configOf(old)
      ? corsFinding(modern, origin, url)
      : refused(old, origin, url, ' where the browser sends no Sec-Fetch-Site'),
    configOf(foreign) ? OPEN_TO_ALL : pass('Pages of other sites are refused'),
  ];
};

/** A page that nobody listed; `.invalid` is nobody's (RFC 6761). */
const FOREIGN = 'https://doctor.invalid';

/** @param when where not all browsers are refused */
const refused = (answer: HttpAnswer, origin: string, { origin: own }: URL, when = ''): Finding => {
  const code = problemOf(answer);
  if (code === 'origin_forbidden' && origin !== own) {
    return fail(
      `Pages of ${origin} may not call ${own} (origin_forbidden)`,
      `Set allowedOrigins: ['${origin}'] and, if the two are different sites, cookie: { sameSite: 'None', secure: true }.`,
    );
  }
  if (code === 'origin_forbidden') {
    return fail(
      `The handler takes the site's own pages for strangers${when} (origin_forbidden): a proxy changes Host on the way`,
      // $host is without the port.
      `Set publicOrigin: '${origin}', or let the proxy pass Host on (nginx: proxy_set_header Host $http_host).`,
    );
  }
  if (code !== undefined) {
    const what = `POST /renew is refused${when} (HTTP ${answer.status}, ${code})`;
    return fail(what, CODES[code] ?? 'See the log of the site.');
  }
  return fail(
    `POST /renew does not reach the handler${when}: ${inShort(answer)}`,
    'Let proxy, firewall, CSRF protection and bot protection pass POST under the mount path.',
  );
};

const NOBODY = 'identify(req) must return undefined for who is not signed in. See the log of the site.';

const CODES: Readonly<Record<string, string>> = {
  too_many_guests:
    'This address has caused too many calls. Wait a minute; if every visitor meets it, see clientAddress.',
  identify_failed: NOBODY,
  guest_invalid: NOBODY,
};

const corsFinding = (answer: HttpAnswer, origin: string, { origin: own }: URL): Finding => {
  if (origin === own) return pass("The site's own pages may call");
  return header(answer, 'access-control-allow-origin') === origin &&
    header(answer, 'access-control-allow-credentials') === 'true'
    ? pass(`Pages of ${origin} may call, with their cookie`)
    : fail(
        `Pages of ${origin} get an answer that their browser will not show them: CORS headers are missing`,
        'Let the proxy pass Access-Control-Allow-Origin and -Credentials as the handler sets them.',
      );
};

const OPEN_TO_ALL = fail(
  'A page of any other site may call: Origin and Sec-Fetch-Site do not reach the handler',
  'Let the proxy pass both headers on, unchanged.',
);

/** Whether an answer is boot.js, with a mount's settings before it. */
export const isBootScript = ({ status, text }: HttpAnswer): boolean =>
  status === 200 && text.includes('GenesysGuestMount');

export const bootScript = async ({ ask, need }: Run) => {
  const url = under(need('mount', 'mounted').mount, '/boot.js');
  const answer = await ask(url);
  if (!isBootScript(answer)) {
    return fail(
      `${url.href} is not our script: ${inShort(answer)}`,
      'See that the proxy forwards it, and that no static-file route or script optimiser takes its place.',
    );
  }
  const type = header(answer, 'content-type');
  if (!/javascript/i.test(type)) {
    const fix = 'Let the proxy keep its Content-Type.';
    return fail(`/boot.js arrives as ${type || 'no type'}: browsers refuse it`, fix);
  }
  return answer.cookies.length > 0 ? cookieFinding(answer) : pass('/boot.js is ours');
};

const cookieFinding = (answer: HttpAnswer): Finding => {
  const fix =
    "Mount the handler before the site's session middleware, and let no proxy or CDN add cookies to it.";
  return sharesCookie(answer)
    ? fail('/boot.js arrives with Set-Cookie, and a shared cache may give it to other visitors', fix)
    : warn('/boot.js arrives with Set-Cookie: no CDN will cache it', fix);
};

export const proxy = async ({ ask, need }: Run) => {
  const { site, mount } = need();
  const seen = site ?? (mount && under(mount, '/config'));
  if (!seen) return [];
  const url = new URL(seen);
  // A URL of this visit alone: a cache must not keep what the forged header caused.
  url.searchParams.set('doctor', Date.now().toString(36));
  const forged = { 'x-forwarded-host': 'doctor.invalid', 'x-forwarded-for': '192.0.2.1' };
  const { text, headers } = await ask(url, { headers: forged });
  return `${JSON.stringify(headers)}${text}`.includes('doctor.invalid')
    ? fail(
        'The site believes a forged X-Forwarded-Host: whoever calls may choose the host, and the address that is counted',
        "Let the proxy overwrite X-Forwarded-*, and never set Express' trust proxy to true: app.set('trust proxy', 1) trusts one proxy.",
      )
    : skip(
        'The address that is counted: cannot be seen from outside',
        "Call a route that answers req.ip by curl -H 'X-Forwarded-For: 192.0.2.1': it must answer your address. If it answers 192.0.2.1, trust proxy is true; if the proxy's, it is not set.",
      );
};
