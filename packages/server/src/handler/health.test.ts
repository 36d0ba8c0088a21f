// `GET /health`: there only where the site asks for it, for whom it has given the secret.
import { describe, expect, it } from 'vitest';
import { fakeTokens } from '../testing/fake-tokens.ts';
import { issuesOf } from '../testing/options.ts';
import { MOUNTS, start } from '../testing/site.ts';

const secret = 'a-secret-for-probes-0123456789abcdef';
const bearer = { Authorization: `Bearer ${secret}` };

describe.each(MOUNTS)('on %s, /health', (_name, mount) => {
  it('is not there without the option', async () => {
    const { get } = start(mount);
    expect((await get('/health').set(bearer)).status).toBeGreaterThanOrEqual(404);
  });

  it('says what health() says to who has the secret, and nothing to others', async () => {
    const service = fakeTokens();
    const { get, head, post } = start(mount, { health: { secret } }, service);
    const answer = await get('/health').set(bearer);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(service.health());
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    for (const given of ['', `Bearer ${secret}x`, `Basic ${secret}`, `Bearer ${secret.slice(0, -1)}`]) {
      const refused = await get('/health').set('Authorization', given);
      expect(refused.status).toBe(401);
      expect(refused.headers['www-authenticate']).toBe('Bearer');
      expect(refused.text).not.toContain('ready');
    }
    expect((await head('/health').set(bearer)).status).toBe(200);
    expect((await post('/health').set(bearer)).status).toBe(405);
  });

  it('is 503 once closed, has a path of its own, and takes the next secret beside the old one', async () => {
    const service = fakeTokens();
    const open = service.health();
    service.health = () => ({ ...open, ready: false });
    const { get } = start(
      mount,
      { health: { path: '/Ops/state', secret: [`${secret}old`, secret] } },
      service,
    );
    expect((await get('/ops/state').set(bearer)).status).toBe(503);
    expect((await get('/health').set(bearer)).status).toBeGreaterThanOrEqual(404);
  });
});

it.each([
  [{ secret }, []],
  [{ path: '/ops/state', secret }, []],
  [true, ['health']],
  [{ secret: 'short' }, ['health.secret']],
  [{}, ['health.secret']],
  [{ path: 'health', secret }, ['health.path']],
  [{ path: '/config', secret }, ['health.path']],
  [{ path: '/OIDC/jwks', secret }, ['health.path']],
  [{ path: '/boot.js', secret }, ['health.path']],
])('%# the option is judged', (health, fields) => {
  const good = { region: 'eu-west-1', clientId: 'c', clientSecret: 's', webchatId: 'w' };
  const issues = issuesOf({ ...good, secrets: [secret], health });
  expect(issues.map((issue) => issue.split(' ')[0])).toEqual(fields);
});
