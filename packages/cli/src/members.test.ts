// What `genesys-guest members` prints is an environment with which the server starts.
import { parseEnv } from 'node:util';
import { genesysGuest } from '@genesys-guest/server';
import { afterEach, expect, it, vi } from 'vitest';
import { members } from './members.ts';

afterEach(() => vi.unstubAllEnvs());

const run = async (...args: string[]) => {
  const written = { out: '', err: '' };
  const to = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  return { status: await members(args, { out: to('out'), err: to('err') }), ...written };
};

it('makes key and secret, and names the three values for Admin', async () => {
  const { status, out } = await run('--issuer', 'https://WWW.Example.com:443/chat/oidc');
  expect(status).toBe(0);
  expect(out).toContain('Discovery URI  https://www.example.com/chat/oidc/.well-known/openid-configuration');
  expect(out).toContain("issuer: 'https://www.example.com/chat/oidc'");
  for (const [name, value] of Object.entries(parseEnv(out))) vi.stubEnv(name, value);
  const guest = genesysGuest({
    region: 'eu-west-1',
    webchatId: 'web',
    source: 'none',
    secrets: ['a secret of thirty-two characters or more'],
    identify: () => undefined,
    members: { issuer: 'https://www.example.com/chat/oidc' },
  });
  await guest.close();
});

it.each([
  [[], '--issuer is missing'],
  [['--isuer', 'https://www.example.com/chat/oidc'], "Unknown option '--isuer'"],
  [['--issuer', 'http://www.example.com/chat/oidc'], 'https URL that ends with /oidc'],
  [['--issuer', 'https://www.example.com/chat'], 'https URL that ends with /oidc'],
  [['--issuer', 'https://a.example/oidc', '--client-id', 'a b'], 'letters, digits'],
])('refuses %j and says what to do', async (args, words) => {
  const { status, out, err } = await run(...args);
  expect([status, out]).toEqual([2, '']);
  expect(err).toContain(words);
});
