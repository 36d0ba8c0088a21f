// What the emulator's own tests share: a clock that is set by hand, and the two calls.
import { type Emulator, serve } from './emulator.ts';
import type { EmulatorOptions } from './settings.ts';

/** 2026-11-23T12:00:00Z, a time that no test depends on by accident. */
export const NOON = Date.UTC(2026, 10, 23, 12);

export interface Rig extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly clock: { at: number };
  /** Asks for an access token; `change` replaces parts of the request. */
  oauth(change?: RequestInit, path?: string): Promise<Response>;
  /** Asks for a guest token with a good access token. */
  guest(body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export const rig = async (options: EmulatorOptions = {}, messenger = '// script'): Promise<Rig> => {
  const clock = { at: NOON };
  const emulator = await serve({ now: () => clock.at, ...options }, messenger);
  let accessToken: string | undefined;
  const oauth = (change: RequestInit = {}, path = '/oauth/token') =>
    fetch(`${emulator.url}${path}`, {
      method: 'POST',
      headers: basic('emulator-client:emulator-secret'),
      body: 'grant_type=client_credentials',
      ...change,
    });
  const authorize = async () => {
    accessToken ??= ((await (await oauth()).json()) as { access_token: string }).access_token;
    return accessToken;
  };
  return {
    emulator,
    clock,
    oauth,
    async guest(body = { externalId: 'ann', webchatId: 'chat' }, headers = {}) {
      return fetch(emulator.endpoints.guestTokens, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${await authorize()}`,
          'Content-Type': 'application/json',
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
};

export const basic = (credentials: string) => ({
  Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
  'Content-Type': 'application/x-www-form-urlencoded',
});
