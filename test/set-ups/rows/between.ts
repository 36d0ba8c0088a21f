// What stands between the handler and its visitors: proxies, and the site's own middleware before the mount.
import type { SetUp } from '../set-up.ts';

const forwarded = {
  request: (headers: Record<string, string | string[] | undefined>) => ({
    ...headers,
    'x-forwarded-for': '203.0.113.7',
  }),
};

/** Its fix says how to see what Express trusts. */
const COUNTED = 'skip: The address that is counted: cannot be seen from outside';

const SESSION = {
  imports: "import session from 'express-session';",
  before: "app.use(session({ secret: 'x'.repeat(32), resave: false, saveUninitialized: true }));",
};

const CSRF = {
  imports: "import cookieParser from 'cookie-parser';\nimport { doubleCsrf } from 'csrf-csrf';",
  before: `app.use(cookieParser());
const getSecret = () => 'x'.repeat(32);
app.use(doubleCsrf({ getSecret, getSessionIdentifier: () => '' }).doubleCsrfProtection);`,
};

const WORKS = 'POST /chat/renew: HTTP 200 with a token';

const BARE = `
import { createServer } from 'node:http';
import { genesysGuest } from '@genesys-guest/server';
const guest = genesysGuest({ endpoints: JSON.parse(process.env.ENDPOINTS), logger: console });
const server = createServer((req, res) => {
  if (req.url.startsWith('/chat/')) guest(req, res);
  else res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><script src="/chat/boot.js" async></script>');
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
`;

export const BETWEEN: readonly SetUp[] = [
  {
    broken: 'a bare node:http server, which takes no mount path away',
    code: { file: BARE },
    where: 'nowhere',
    sees: WORKS,
    doctor: '',
  },
  {
    broken: "app.all('/chat/*splat', guest) in place of app.use",
    code: {
      mount: "app.all('/chat/*splat', genesysGuest({ ...emulated(), logger: console }));",
    },
    where: 'nowhere',
    sees: WORKS,
    doctor: '',
  },
  {
    broken: 'a proxy that strips the prefix (nginx: proxy_pass with a path)',
    between: { path: (url) => url.replace('/chat/', '/') },
    where: 'HTTP answer',
    sees: 'GET /chat/boot.js: HTTP 404',
    doctor:
      'fail: http://127.0.0.1:<port>/chat/config is not answered by the handler: HTTP 404 with a page of HTML',
  },
  {
    broken: 'X-Forwarded-For of a proxy that Express does not trust',
    between: forwarded,
    where: 'log',
    sees: "A proxy stands in front (X-Forwarded-For arrives from a private address) but is not trusted, so all visitors behind it share one limit: set app.set('trust proxy', 1), or `clientAddress` on a bare server",
    doctor: COUNTED,
  },
  {
    broken: 'trust proxy: true',
    code: { before: "app.set('trust proxy', true);" },
    between: forwarded,
    where: 'log',
    sees: "Express' `trust proxy` is true, so any visitor can choose the address that is counted for `mintsPerMinute`: set it to the number of proxies in front, such as app.set('trust proxy', 1)",
    doctor: COUNTED,
  },
  {
    broken: 'a proxy or CDN that caches what is private',
    between: { cacheBy: (req) => (req.method === 'GET' ? req.url : undefined) },
    where: 'doctor alone',
    sees: '',
    doctor: "fail: A stranger was answered with another visitor's config: a cache keeps what is private",
  },
  {
    broken: 'CSRF middleware before the mount',
    code: CSRF,
    where: 'HTTP answer',
    sees: 'POST /chat/renew: HTTP 403',
    doctor: 'fail: POST /renew does not reach the handler: HTTP 403 with a page of HTML',
  },
  {
    broken: 'body parsers before the mount',
    code: { before: 'app.use(express.json(), express.urlencoded());' },
    where: 'nowhere',
    sees: WORKS,
    doctor: '',
  },
  {
    broken: 'a session before the mount, which sets a cookie with every answer',
    code: SESSION,
    where: 'nowhere',
    sees: WORKS,
    doctor: '',
  },
  {
    broken: 'compression before the mount',
    code: {
      imports: "import compression from 'compression';",
      before: 'app.use(compression({ threshold: 0 }));',
    },
    where: 'nowhere',
    sees: WORKS,
    doctor: '',
  },
];
