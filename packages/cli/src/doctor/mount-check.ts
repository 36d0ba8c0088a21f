// Checks the mounted handler from outside: whether it answers, and whether the site's pages, and no others, may call it.
import { check, type Facts, type Finding, fail, found, pass, skip, warn } from './finding.ts';
import { ask, type HttpAnswer, header, inShort } from './http.ts';
import { browserHeaders, configOf, pageOrigin, postRenew, problemOf, under } from './visitor.ts';

const GROUP = 'Mounted handler';

export const mount = check({
  name: 'mount',
  title: 'the mounted handler',
  group: GROUP,
  run: async ({ asked, signal }, facts) => {
    if (!asked.mount)
      return found(skip('The mounted handler: not asked for', 'Add --url <url> to check it from outside.'));
    // What could not be reached has been told already.
    if (!facts.mountReached) return found(skip('The mounted handler: not checked, as it cannot be reached'));
    const url = under(asked.mount, '/config');
    const answer = await ask(url, {}, signal);
    const mounted = configOf(answer);
    if (!mounted) return found(notOurs(url, answer));
    const others = differences(mounted, facts);
    return {
      findings: others.length > 0 ? others : [pass(`${url.href} answers as ours`)],
      facts: { mounted },
    };
  },
});

const notOurs = (url: URL, answer: HttpAnswer): Finding => {
  const what = `${url.href} is not answered by the handler: ${inShort(answer)}`;
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return fail(
      what,
      'Give the final URL; if it leads to a sign-in, mount the handler before what asks for one.',
    );
  }
  if (status === 401 || status === 403) {
    return fail(
      what,
      'Mount the handler before what asks for a sign-in, and let firewall and bot protection pass its path.',
    );
  }
  if (status === 404) {
    return fail(
      what,
      "Check the mount path in app.use('/chat', guest), that the proxy forwards it, and that no route before it takes it.",
    );
  }
  if (status >= 500) return fail(what, "See the site's log: the site or the proxy before it fails.");
  return fail(
    what,
    'Check that --url is the mount path, and that no catch-all route or page cache comes first.',
  );
};

const differences = (mounted: NonNullable<Facts['mounted']>, { webchatId, region }: Facts): Finding[] => [
  ...(webchatId !== undefined && mounted.webchatId !== webchatId
    ? [
        fail(
          `The mounted handler serves the deployment ${mounted.webchatId}, not ${webchatId}`,
          "Check GENESYS_GUEST_WEBCHAT_ID in the site's environment and here.",
        ),
      ]
    : []),
  ...(region && mounted.environment !== region.domain
    ? [
        fail(
          `The mounted handler is set to the region ${mounted.environment}, not ${region.domain}`,
          "Check GENESYSCLOUD_REGION in the site's environment and here.",
        ),
      ]
    : []),
];

export const origins = check({
  name: 'origins',
  title: 'who may call',
  group: GROUP,
  needs: ['mounted'],
  when: ({ mount }) => mount !== undefined,
  run: async ({ asked, signal }) => {
    const url = asked.mount as URL;
    const origin = pageOrigin(asked, url);
    const modern = await postRenew(url, browserHeaders(origin, url, 'modern'), signal);
    if (!configOf(modern)) return found(refused(modern, origin, url));
    const old = await postRenew(url, browserHeaders(origin, url, 'old'), signal);
    const findings = [
      configOf(old) ? corsFinding(modern, origin, url) : refusedToOld(old, origin),
      await foreignFinding(url, signal),
    ];
    return { findings, facts: { mountOpen: true } };
  },
});

const refused = (answer: HttpAnswer, origin: string, mount: URL): Finding => {
  const code = problemOf(answer);
  if (code === 'origin_forbidden' && origin !== mount.origin) {
    return fail(
      `Pages of ${origin} may not call ${mount.origin} (origin_forbidden)`,
      `Set allowedOrigins: ['${origin}'] and, if the two are different sites, cookie: { sameSite: 'None', secure: true }.`,
    );
  }
  if (code === 'origin_forbidden') return changedHost(origin, '');
  if (code === 'too_many_guests') {
    return fail(
      'This address has caused too many calls (too_many_guests)',
      'Wait a minute; if every visitor meets it, the proxy is not trusted as it should be: see mintsPerMinute and clientAddress.',
    );
  }
  if (code === 'identify_failed' || code === 'guest_invalid') {
    return fail(
      `The site's identify(req) fails for a stranger (${code})`,
      'It must return undefined for who is not signed in. See the log of the site.',
    );
  }
  if (code !== undefined) {
    return fail(`POST /renew is refused (HTTP ${answer.status}, ${code})`, 'See the log of the site.');
  }
  return fail(
    `POST /renew does not reach the handler: ${inShort(answer)}`,
    'Let proxy, firewall, CSRF protection and bot protection pass POST under the mount path.',
  );
};

const changedHost = (origin: string, whom: string): Finding =>
  fail(
    `The handler takes the site's own pages for strangers${whom} (origin_forbidden): a proxy changes Host on the way`,
    `Set publicOrigin: '${origin}', or let the proxy pass Host on (nginx: proxy_set_header Host $host).`,
  );

const refusedToOld = (answer: HttpAnswer, origin: string): Finding =>
  problemOf(answer) === 'origin_forbidden'
    ? changedHost(origin, ' where the browser sends no Sec-Fetch-Site')
    : fail(
        `Without Sec-Fetch-Site, as older browsers call, POST /renew fails: ${inShort(answer)}`,
        'See the log of the site, and what the firewall refuses.',
      );

const corsFinding = (answer: HttpAnswer, origin: string, mount: URL): Finding => {
  if (origin === mount.origin) return pass("The site's own pages may call");
  if (
    header(answer, 'access-control-allow-origin') === origin &&
    header(answer, 'access-control-allow-credentials') === 'true'
  ) {
    return pass(`Pages of ${origin} may call, with their cookie`);
  }
  return fail(
    `Pages of ${origin} get an answer that their browser will not show them: CORS headers are missing`,
    'Let the proxy pass Access-Control-Allow-Origin and -Credentials as the handler sets them.',
  );
};

/** A page that nobody listed; `.invalid` is nobody's (RFC 6761). */
const FOREIGN = 'https://doctor.invalid';

const foreignFinding = async (mount: URL, signal: AbortSignal): Promise<Finding> => {
  const answer = await postRenew(mount, browserHeaders(FOREIGN, mount, 'modern'), signal);
  if (problemOf(answer) === 'origin_forbidden') return pass('Pages of other sites are refused');
  if (configOf(answer)) {
    return fail(
      'A page of any other site may call: Origin and Sec-Fetch-Site do not reach the handler',
      'Let the proxy pass both headers on, unchanged.',
    );
  }
  return warn(
    `A page of another site is refused, but not by the handler: ${inShort(answer)}`,
    'Make sure that whatever refused it does not refuse visitors, too.',
  );
};
