// The page: whether the tag is on it, and what the browser makes of it.
import type { SetUp } from '../set-up.ts';

const header = (policy: string) => ({
  before: `app.use((req, res, next) => { res.set('content-security-policy', ${JSON.stringify(policy)}); next(); });`,
});

const NOT_RUN = `because its MIME type ('text/html') is not executable, and strict MIME type checking is enabled.`;
const BLOCKED = 'messenger_blocked: allow Genesys: ad blocker, CSP';

export const PAGE: readonly SetUp[] = [
  {
    broken: '/boot.js in place of /chat/boot.js',
    code: { head: '<script src="/boot.js" async></script>' },
    where: 'browser console',
    sees: `Refused to execute script from 'http://127.0.0.1:<port>/boot.js' ${NOT_RUN}`,
    doctor:
      'fail: The page loads http://127.0.0.1:<port>/boot.js, and the handler is mounted at http://127.0.0.1:<port>/chat',
  },
  {
    broken: 'no tag at all',
    code: { head: '' },
    where: 'doctor alone',
    sees: '',
    doctor: 'fail: The page has no tag of ours: nothing starts the chat',
  },
  {
    broken: 'a tag that a tag manager is to add, and does not',
    code: { head: '<script>/* https://www.googletagmanager.com/gtm.js?id=GTM-1 */</script>' },
    where: 'doctor alone',
    sees: '',
    doctor:
      'warn: The page as it is served has no tag of ours; what Google Tag Manager may add later, this command cannot see',
  },
  {
    broken: 'a route of the site before the mount, which takes the path of the tag',
    code: {
      before: `app.get('/chat/*splat', (req, res) => res.send('<!doctype html><p>Not found'));`,
    },
    where: 'browser console',
    sees: "SyntaxError: Unexpected token '<'",
    doctor:
      'fail: http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 200 with a page of HTML',
  },
  {
    broken: 'app.use(genesysGuest()) without a path, and the tag of /chat',
    code: { mount: 'app.use(genesysGuest({ ...emulated(), logger: console }));' },
    where: 'browser console',
    sees: `Refused to execute script from 'http://127.0.0.1:<port>/chat/boot.js' ${NOT_RUN}`,
    doctor: 'fail: The handler is mounted at http://127.0.0.1:<port>/, not at http://127.0.0.1:<port>/chat',
  },
  {
    broken: "app.use('/chat', genesysGuest), which is not called",
    code: { mount: "app.use('/chat', genesysGuest);" },
    where: 'log',
    sees: "- genesysGuest: was given to Express without being called: write app.use('/chat', genesysGuest({ … }))",
    doctor:
      'fail: http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 500 with a page of HTML',
  },
  {
    broken: 'a policy (CSP) that blocks the tag',
    code: header("script-src 'none'"),
    where: 'browser console',
    sees: `Loading the script 'http://127.0.0.1:<port>/chat/boot.js' violates the following Content Security Policy directive: "script-src 'none'".`,
    doctor:
      "fail: The page's Content-Security-Policy blocks Messenger: script-src http://127.0.0.1:<port>; script-src http://127.0.0.1:<port>",
  },
  {
    broken: 'a policy (CSP) that blocks Genesys',
    code: header("default-src 'self'"),
    where: 'browser console',
    sees: BLOCKED,
    doctor:
      "fail: The page's Content-Security-Policy blocks Messenger: script-src http://127.0.0.1:<port>; connect-src http://127.0.0.1:<port>",
  },
  {
    broken: "helmet's defaults",
    code: { imports: "import helmet from 'helmet';", before: 'app.use(helmet());' },
    where: 'browser console',
    sees: BLOCKED,
    doctor:
      "fail: The page's Content-Security-Policy blocks Messenger: script-src http://127.0.0.1:<port>; connect-src http://127.0.0.1:<port>",
  },
  {
    broken: 'a deployment that is inactive',
    platform: { deploymentStatus: 'Inactive' },
    where: 'browser console',
    sees: 'deployment_inactive: activate the deployment',
    doctor: 'fail: The deployment is Inactive: pages show no Messenger',
  },
  {
    broken: 'a domain that the deployment does not allow',
    platform: { allowedDomains: ['example.org'] },
    where: 'browser console',
    sees: 'domain_not_allowed: add this domain to the deployment',
    doctor: 'fail: Pages of 127.0.0.1 may not show this Messenger; allowed are example.org',
  },
  {
    broken: 'a deployment that does not exist',
    platform: { webchatIds: ['another'] },
    where: 'browser console',
    sees: 'messenger_timeout: slow, or webchatId wrong; ready may follow',
    doctor: 'fail: There is no deployment c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11 in eu-west-1 (HTTP 404)',
  },
];
