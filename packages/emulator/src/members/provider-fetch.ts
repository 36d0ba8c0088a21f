// How the platform asks the provider: with a time limit, counted, and with the faults that a test has set.
import type { Fault, Faults } from '../faults.ts';
import type { Call, Stats } from '../stats.ts';

export type ProviderCall = Extract<Call, 'discovery' | 'jwks' | 'providerToken' | 'userinfo'>;

/** What `openid-client` hands to a fetch of one's own. */
export interface ProviderRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly redirect?: RequestInit['redirect'];
  readonly signal?: AbortSignal | undefined;
}

export interface ProviderFetchParts {
  readonly faults: Faults;
  readonly stats: Stats;
  /** Milliseconds. */
  readonly timeout: number;
}

/** One call to the provider. @throws where it fails or is too slow */
export const askProvider = async (
  { faults, stats, timeout }: ProviderFetchParts,
  call: ProviderCall,
  url: string,
  request: ProviderRequest,
): Promise<Response> => {
  stats.arrived(call);
  const signal = AbortSignal.timeout(timeout);
  const fault = faults.take(call);
  if (fault) {
    const answer = await play(fault, signal);
    if (answer) return answer;
  }
  return fetch(url, { ...(request as RequestInit), signal });
};

/** What comes instead of the provider's answer; `undefined` where that comes after all. */
const play = async (
  { fault, status = 500, ms = 1000 }: Fault,
  signal: AbortSignal,
): Promise<Response | undefined> => {
  if (fault === 'delay') return wait(ms, signal);
  if (fault === 'hang') return wait(undefined, signal);
  if (fault === 'reset') throw new Error('the connection to the provider was reset');
  const headers = { 'content-type': 'application/json' };
  if (fault === 'other-keys') return new Response('{"keys":[]}', { headers });
  if (fault === 'empty') return new Response('', { headers });
  if (fault === 'html')
    return new Response('<h1>Back soon</h1>', { headers: { 'content-type': 'text/html' } });
  if (fault === 'wrong-shape') return new Response('{"issuer":42,"keys":42,"id_token":42}', { headers });
  return new Response('{"error":"server_error"}', { status, headers });
};

/** Waits for so many milliseconds, or for ever; until the time limit in any case. */
const wait = (ms: number | undefined, signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve, reject) => {
    const timer = ms === undefined ? undefined : setTimeout(() => resolve(undefined), ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('the provider did not answer in time'));
    });
  });
