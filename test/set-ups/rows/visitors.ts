// Who a visitor is: what identify returns, the cookie that does not come back, the origin that is refused.
import type { SetUp } from '../set-up.ts';

const identify = (body: string) => ({ options: `identify: ${body}` });

const ORIGIN =
  'A page of another origin was refused: list the origin in `allowedOrigins` if it is yours (codes of members go to the own origin alone); behind a proxy that changes Host set `publicOrigin`';
const STRANGERS =
  "fail: The handler takes the site's own pages for strangers where the browser sends no Sec-Fetch-Site (origin_forbidden): a proxy changes Host on the way";
const FAILED =
  'identify(req) failed or took over 5 s: check it; the error itself goes to the error handling of the site';
const REFUSED = 'identify(req) returned a guest that Genesys Cloud would refuse';
const OF_IDENTIFY =
  'fail: identify(req) fails for who is not signed in: HTTP 500 with a page of HTML from http://127.0.0.1:<port>/chat/config';
export const LOST =
  'A visitor came back without the cookie that we gave, and gets no token. Browsers drop a Secure cookie on a plain http page: serve the site by https. Else a proxy removes Set-Cookie, instances have different `secrets`, or this visitor blocks cookies';

export const VISITORS: readonly SetUp[] = [
  {
    broken: 'an identify that throws where nobody is signed in',
    code: identify('(req) => ({ externalId: req.session.user.id })'),
    where: 'log',
    sees: FAILED,
    doctor: OF_IDENTIFY,
  },
  {
    broken: 'an identify that never ends',
    code: identify('() => new Promise(() => {})'),
    where: 'log',
    sees: FAILED,
    doctor: OF_IDENTIFY,
  },
  {
    broken: 'an identify that returns a number as id',
    code: identify('() => ({ externalId: 42 })'),
    where: 'log',
    sees: REFUSED,
    doctor: OF_IDENTIFY,
  },
  {
    broken: "an identify that returns an anonymous guest's id",
    code: identify("() => ({ externalId: 'guest-aaaaaaaaaaaaaaaaaaaaaaaa' })"),
    where: 'log',
    sees: REFUSED,
    doctor: OF_IDENTIFY,
  },
  {
    broken: 'an identify that names everyone alike',
    code: identify("() => ({ externalId: 'everyone' })"),
    where: 'doctor alone',
    sees: '',
    doctor:
      'fail: Two visitors without a session are the same guest: identify(req) names everyone alike, or a cache answers',
  },
  {
    broken: 'members with the issuer of another path',
    code: {
      imports: "import { generateKeyPairSync } from 'node:crypto';",
      before:
        "const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });",
      options: `identify: () => undefined, members: {
        issuer: 'http://127.0.0.1:3000/other/oidc',
        clientId: 'members',
        clientSecret: 'canary-members-key-0123456789-abcdefgh',
        signingKeys: [pem],
      }`,
    },
    where: 'doctor alone',
    sees: '',
    doctor:
      'fail: The issuer is http://127.0.0.1:<port>/other/oidc, and was found at http://127.0.0.1:<port>/chat/oidc: Genesys Cloud refuses it',
  },
  {
    broken: 'plain http in production',
    code: { head: '<script src="/chat/boot.js" data-token="eager" async></script>' },
    env: { NODE_ENV: 'production' },
    host: '0.0.0.0',
    where: 'browser console',
    sees: 'cookie_blocked: use https and allow the cookie',
    doctor:
      'fail: The visitor cookie is Secure and the site is plain http: browsers drop it (cookie_blocked)',
  },
  {
    broken: 'a visitor who blocks cookies, or a proxy that removes Set-Cookie',
    between: { response: ({ 'set-cookie': _, ...others }) => others },
    where: 'log',
    sees: LOST,
    doctor: 'fail: The visitor cookie does not arrive: the answer to POST /renew has no Set-Cookie of ours',
  },
  {
    broken: 'a proxy that changes Host, without publicOrigin',
    between: { request: (headers) => ({ ...headers, host: 'backend:3000' }) },
    where: 'log',
    sees: ORIGIN,
    doctor: STRANGERS,
  },
  {
    broken: 'nginx with $host, which has no port',
    between: { request: (headers) => ({ ...headers, host: String(headers['host']).split(':')[0] }) },
    where: 'HTTP answer',
    sees: 'POST /chat/renew: HTTP 403 Pages of this origin may not call here. The site can list it in `allowedOrigins`, but not for codes of members, or set `publicOrigin`.',
    doctor: STRANGERS,
  },
];
