// Client credentials, over real sockets.
import { describe, expect, it } from 'vitest';
import { basic, rig } from './testing.ts';

describe('the OAuth endpoint', () => {
  it.each(['/oauth/token', '/api/v2/oauth/token'])('gives an access token at %s', async (path) => {
    await using cloud = await rig({ accessTokenLifetime: 300 });
    const response = await cloud.oauth({}, path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      access_token: expect.stringMatching(/^emu-access-/),
      token_type: 'bearer',
      expires_in: 300,
    });
    expect(response.headers.get('date')).toBe('Mon, 23 Nov 2026 12:00:00 GMT');
  });

  it.each([
    ['a wrong secret', { headers: basic('emulator-client:wrong') }, 401, 'invalid_client'],
    ['an unknown client', { headers: basic('stranger:emulator-secret') }, 401, 'invalid_client'],
    [
      'no credentials',
      { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      401,
      'invalid_client',
    ],
    ['another grant', { body: 'grant_type=password' }, 400, 'unsupported_grant_type'],
    ['no grant', { body: '' }, 400, 'invalid_request'],
    [
      'JSON',
      { headers: { ...basic('emulator-client:emulator-secret'), 'Content-Type': 'application/json' } },
      400,
      'invalid_request',
    ],
  ])('refuses %s', async (_, change, status, error) => {
    await using cloud = await rig();
    const response = await cloud.oauth(change);
    expect(response.status).toBe(status);
    const body = (await response.json()) as Record<string, string>;
    expect(body).toEqual({ error, description: expect.any(String), error_description: body['description'] });
  });

  it('takes a secret with a colon, and the new one alone after a rotation', async () => {
    await using cloud = await rig({ clientSecret: 'a:b' });
    expect((await cloud.oauth({ headers: basic('emulator-client:a:b') })).status).toBe(200);
    cloud.emulator.rotateSecret('next');
    expect((await cloud.oauth({ headers: basic('emulator-client:a:b') })).status).toBe(401);
    expect((await cloud.oauth({ headers: basic('emulator-client:next') })).status).toBe(200);
  });
});
