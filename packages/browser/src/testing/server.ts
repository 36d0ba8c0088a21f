// Our server for tests under jsdom: a `fetch` that answers as CONTRACT's HTTP does, with faults on demand.
import type { OnboardingConfig, ProblemCode } from '@genesys-guest/common';
import type { GuestErrorCode } from '../errors.ts';

export const MESSENGER = {
  bootstrap: 'https://apps.mypurecloud.ie/genesys-bootstrap/genesys.min.js',
  environment: 'prod-euw1',
  deploymentId: 'deployment-1',
};

/** The id of the visitor whom nobody knows, once the cookie is there. */
export const ANONYMOUS = 'guest-0123456789abcdefghi-_jkl';

export const ENDPOINT = 'https://site.example/chat';

const BASE: OnboardingConfig = {
  environment: 'mypurecloud.ie',
  webchatId: 'deployment-1',
  messenger: MESSENGER,
};

export interface FakeServer {
  /** Requests so far, such as `POST /renew {"externalId":"a"}`. */
  readonly requests: string[];
  /** Headers of the newest request. */
  headers: Record<string, string>;
  /** Who the visitor is: signed in, or known by a cookie. */
  externalId: string | undefined;
  attributes: Record<string, string> | undefined;
  /** Tags of the member who is signed in on the site, and whom the site names at this moment: its session may be over. */
  member: readonly string[] | undefined;
  proof: string | undefined;
  /** Seconds a token lives, and before its end from which it is renewed. */
  lifetime: number;
  renewBefore: number;
  /** Does the browser keep cookies? */
  cookies: boolean;
  source: 'guest-tokens' | 'none';
  /** What the next answers are instead, first come first served. */
  readonly faults: Fault[];
  /** Ms until an answer comes. */
  delay: number;
  /** Codes issued so far. */
  codes: number;
  /** Tokens made so far. */
  made: number;
  readonly fetch: typeof fetch;
}

export type Fault =
  | 'network'
  | 'hang'
  | 'html'
  | {
      readonly status: number;
      readonly code: ProblemCode;
      readonly retryAfter?: number;
      readonly detail?: string;
    }
  | OnboardingConfig;

export const fakeServer = (): FakeServer => {
  let token: { externalId: string; name: string; expiresAt: number } | undefined;
  const secondsLeft = () => (token ? Math.floor((token.expiresAt - Date.now()) / 1000) : 0);

  const onboarding = (): OnboardingConfig => {
    const { externalId, attributes, member, proof } = server;
    const facts = { ...(member && { member }), ...(proof && { proof }) };
    const known = { ...BASE, ...(externalId && { externalId }), ...(attributes && { attributes }), ...facts };
    if (server.source === 'none') return known;
    const left = token?.externalId === externalId ? secondsLeft() : 0;
    if (!token || left <= 0) return { ...known, renewIn: 0 };
    return {
      ...known,
      guestToken: token.name,
      expirationTime: new Date(token.expiresAt).toISOString(),
      expiresIn: left,
      renewIn: Math.max(0, left - server.renewBefore),
    };
  };

  const renew = (body: { externalId?: string }): Response => {
    if (body.externalId !== undefined && body.externalId !== server.externalId) {
      return problem(409, 'guest_changed');
    }
    if (server.externalId === undefined && server.cookies) {
      server.externalId = ANONYMOUS;
      return json({ ...BASE, renewIn: 0 });
    }
    if (server.externalId === undefined) return json({ ...BASE, renewIn: 0 });
    if (token?.externalId !== server.externalId || secondsLeft() <= server.renewBefore) {
      server.made += 1;
      token = {
        externalId: server.externalId,
        name: `token-${server.made}`,
        expiresAt: Date.now() + server.lifetime * 1000,
      };
    }
    return json(onboarding());
  };

  const answer = (url: string, init: RequestInit): Response => {
    const path = url.slice(ENDPOINT.length);
    if (path === '/config') return json(onboarding());
    if (path === '/renew') return renew(JSON.parse(String(init.body)));
    if (path === '/auth-code') return issueCode(JSON.parse(String(init.body)));
    token = undefined;
    server.externalId = undefined;
    return new Response(null, { status: 204 });
  };

  const issueCode = (body: { member?: string }): Response => {
    if (!server.member) return problem(401, 'sign_in_required');
    if (!server.member.includes(body.member ?? '')) return problem(409, 'guest_changed');
    server.codes += 1;
    const authCode = `code-${server.codes}`;
    return json({ authCode, redirectUri: 'https://site.example', iss: `${ENDPOINT}/oidc` });
  };

  const server: FakeServer = {
    requests: [],
    headers: {},
    externalId: undefined,
    attributes: undefined,
    member: undefined,
    proof: undefined,
    codes: 0,
    lifetime: 600,
    renewBefore: 100,
    cookies: true,
    source: 'guest-tokens',
    faults: [],
    delay: 5,
    made: 0,
    fetch: (input, init = {}) =>
      new Promise((resolve, reject) => {
        server.requests.push(
          `${init.method} ${String(input).slice(ENDPOINT.length)}${init.body ? ` ${init.body}` : ''}`,
        );
        server.headers = init.headers as Record<string, string>;
        const fault = server.faults.shift();
        init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        if (fault === 'hang') return;
        setTimeout(() => {
          if (fault === 'network') reject(new TypeError('network'));
          else if (fault === 'html') resolve(new Response('<html>', { status: 200 }));
          else if (fault && 'status' in fault)
            resolve(new Response(JSON.stringify(fault), { status: fault.status }));
          else if (fault) resolve(json(fault as OnboardingConfig));
          else resolve(answer(String(input), init));
        }, server.delay);
      }),
  };
  return server;
};

const json = (body: unknown): Response => new Response(JSON.stringify(body), { status: 200 });

const problem = (status: number, code: GuestErrorCode): Response =>
  new Response(JSON.stringify({ status, code }), { status });
