// Which call a request is, and the answer that it gets when nothing goes wrong.
import type { IncomingMessage } from 'node:http';
import type { AccessTokens } from './access-tokens.ts';
import { type Answer, methodNotAllowed } from './answer.ts';
import { readBody } from './body.ts';
import { answerDeployment, type DeploymentFile } from './deployment.ts';
import type { Faults } from './faults.ts';
import type { GuestWorld } from './guest-socket/guests.ts';
import { answerHistory } from './guest-socket/history.ts';
import { answerGuestTokens } from './guest-tokens.ts';
import { exchange, type MembersCloud, refresh, revoke } from './members/answers.ts';
import { answerOAuth } from './oauth.ts';
import type { Settings } from './settings.ts';
import type { Call, Stats } from './stats.ts';
import { answerTokenFrame } from './token-frame.ts';

export interface Cloud extends MembersCloud {
  readonly settings: Settings;
  readonly guests: GuestWorld;
  readonly tokens: AccessTokens;
  readonly stats: Stats;
  readonly faults: Faults;
  /** The bootstrap script's text. */
  readonly messenger: string;
  /** The secret that the OAuth client has now. */
  readonly clientSecret: string;
  readonly issued: (externalId: string) => void;
}

export interface Route {
  readonly call: Call;
  /** Whether pages of any origin may call it. */
  readonly cors?: boolean;
  answer(cloud: Cloud, req: IncomingMessage): Promise<Answer> | Answer;
}

const oauth: Route = { call: 'oauthToken', answer: answerOAuth };
const guestTokens: Route = { call: 'guestTokens', answer: answerGuestTokens };
const bootstrap: Route = { call: 'bootstrap', answer: (cloud, req) => answerBootstrap(cloud, req) };

const TOKEN = '/api/v2/webdeployments/token';

/** A call that pages make, with one method. */
const ofPages = (call: Call, method: string, answer: Route['answer']): Route => ({
  call,
  cors: true,
  answer: (cloud, req) => (req.method === method ? answer(cloud, req) : methodNotAllowed(method)),
});

const bearerOf = ({ headers }: IncomingMessage): string =>
  /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams => new URLSearchParams(url.split('?', 2)[1]);

const EXACT: Readonly<Record<string, Route>> = {
  '/oauth/token': oauth,
  '/api/v2/oauth/token': oauth,
  '/api/v2/guest-tokens': guestTokens,
  '/genesys-bootstrap/genesys.min.js': bootstrap,
  '/genesys-bootstrap/genesys.js': bootstrap,
  '/genesys-bootstrap/tokens.html': { call: 'tokenFrame', answer: (_cloud, req) => answerTokenFrame(req) },
  [`${TOKEN}/oauthcodegrantjwtexchange`]: ofPages('exchange', 'POST', async (cloud, req) =>
    exchange(cloud, await readBody(req)),
  ),
  [`${TOKEN}/refresh`]: ofPages('refresh', 'POST', async (cloud, req) => refresh(cloud, await readBody(req))),
  [`${TOKEN}/revoke`]: ofPages('revoke', 'DELETE', (cloud, req) => revoke(cloud, bearerOf(req))),
  '/api/v2/webmessaging/messages': ofPages('messages', 'GET', ({ guests }, req) =>
    answerHistory(guests.readerOf(bearerOf(req)), queryOf(req)),
  ),
};

const DEPLOYMENT = /^\/webdeployments\/v1\/deployments\/([^/]+)\/(domains|config)\.json$/;

export const routeOf = (path: string): Route | undefined => {
  const exact = EXACT[path];
  if (exact !== undefined) return exact;
  const [, id, file] = DEPLOYMENT.exec(path) ?? [];
  if (id === undefined) return undefined;
  return {
    call: file as DeploymentFile,
    answer: ({ settings }, req) => answerDeployment(settings, req, decode(id), file as DeploymentFile),
  };
};

const decode = (id: string): string => {
  try {
    return decodeURIComponent(id);
  } catch {
    return '';
  }
};

const answerBootstrap = ({ messenger }: Cloud, req: IncomingMessage): Answer =>
  req.method === 'GET' || req.method === 'HEAD'
    ? {
        status: 200,
        headers: {
          'Content-Type': 'text/javascript; charset=utf-8',
          'Access-Control-Allow-Origin': '*',
          'Cache-Control': 'no-cache',
        },
        body: messenger,
      }
    : methodNotAllowed('GET, HEAD');
