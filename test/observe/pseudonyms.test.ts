// With `pseudonymize` nothing that operators read names a guest, in no fault of the platform and in no spelling.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { startEmulator } from '@genesys-guest/emulator';
import { genesysGuest } from '@genesys-guest/server';
import { expect, it } from 'vitest';
import { emulated } from '../emulated.ts';
import { FAULTS, leaksIn, spellings, textOf } from './canaries.ts';

const MEMBER = "Änna O'Neil+1@members.example/7";

const startSite = async () => {
  const seen: { readonly where: string; readonly text: string }[] = [];
  const see = (where: string) => (value: unknown) => void seen.push({ where, text: textOf(value) });
  const note =
    (level: string) =>
    (...line: unknown[]) =>
      see(`log ${level}`)(line);
  const emulator = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
  const guest = genesysGuest({
    ...emulated(emulator),
    webchatId: 'chat',
    secrets: ['a secret of the site, 32 characters'],
    identify: ({ headers }) => (headers['x-member'] ? { externalId: MEMBER } : undefined),
    whenUnavailable: 'fail',
    upstream: { perMinute: 100_000, timeout: 100, deadline: 200 },
    audit: { key: 'a key of the audit, 32 characters.', pseudonymize: true, sink: see('audit sink') },
    events: { send: async (batch) => see('event')(batch) },
    logger: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    logLevel: 'debug',
  });
  for (const event of ['issued', 'renewed', 'failed'] as const) guest.tokens.on(event, see(`on('${event}')`));
  const server = createServer(guest).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    emulator,
    seen,
    see,
    guest,
    ask: (path: string, headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
      }),
    [Symbol.asyncDispose]: async () => {
      await guest.close({ timeout: 1_000 });
      server.closeAllConnections();
      server.close();
      await emulator.close();
    },
  };
};

it('names no guest but by a pseudonym', async () => {
  await using site = await startSite();
  const { emulator, seen, see, guest, ask } = site;
  const ids = new Map([[MEMBER, 'the member']]);
  const visitAsAnonymous = async () => {
    const first = await ask('/renew', {});
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { externalId } = (await (await ask('/renew', { cookie })).json()) as { externalId?: string };
    if (externalId) ids.set(externalId, 'a visitor');
    await ask('/forget', { cookie });
  };
  const visitAsMember = async () => {
    await ask('/renew', { 'x-member': 'yes' });
    await ask('/forget', { 'x-member': 'yes' });
    await guest.tokens.onboard({ externalId: MEMBER }).catch(() => {});
    await guest.tokens.forget(MEMBER);
  };
  // A cold process may be late for the first of them.
  while (ids.size < 2) await visitAsAnonymous();
  await visitAsMember();
  const said = [...spellings(MEMBER), encodeURI(MEMBER), JSON.stringify({ id: MEMBER })];
  for (const message of said) {
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 400, message, times: 'always' });
    await visitAsMember();
    emulator.clearFaults();
  }
  for (const fault of FAULTS.filter(({ call }) => call === 'guestTokens')) {
    emulator.fault({ ...fault, times: 'always' });
    await visitAsAnonymous();
    await visitAsMember();
    emulator.clearFaults();
  }
  see('auditLog()')(guest.tokens.auditLog());
  see('telemetry()')(guest.tokens.telemetry());
  await guest.close({ timeout: 2_000 });

  const places = new Set(seen.map(({ where }) => where));
  for (const where of ['log debug', 'audit sink', 'event', 'auditLog()', "on('failed')"]) {
    expect(places).toContain(where);
  }
  const leaks = seen.flatMap(({ where, text }) =>
    leaksIn(text, ids).map((name) => `${name} in ${where}: ${text.slice(0, 500)}`),
  );
  expect(leaks).toEqual([]);
});
