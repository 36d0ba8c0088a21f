// The fault table: every way in which the OAuth call or the guest-token call can fail, once and for good.
import { startEmulator } from '@genesys-guest/emulator';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, type Row, rowsOf } from './rows.ts';
import { createSite, failureOf, LIMITS, type Site, startSite } from './site.ts';

const CALLS: readonly Call[] = ['oauthToken', 'guestTokens'];
const anna = { externalId: 'anna' };

/** For the timers of a busy machine. */
const SLACK = 1_000;

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', note);
afterAll(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** Rows that wait long for nothing run side by side. */
const limitsOf = ({ deadline = LIMITS.deadline }: Row) => ({ upstream: { ...LIMITS, deadline } });

const expectToldOperator = ({ log, tokens }: Site, row: Row): void => {
  const line = log.find(({ level }) => level === 'warn' || level === 'error');
  expect(line?.message).toMatch(row.cause);
  // What to do about it.
  expect(line?.message).toMatch(/Check|Lower|Give|Redirects|status page|does not offer|not trusted/i);
  const entry = tokens.auditLog().at(-1);
  expect(entry).toMatchObject({ action: 'FAILED', externalId: 'anna' });
  expect(entry?.reason).toMatch(row.cause);
  if (!row.correlated) return;
  expect(line?.fields['correlationId']).toMatch(/^[\w-]{8,}$/);
  expect(entry?.correlationId).toBe(line?.fields['correlationId']);
};

describe.each(CALLS)('%s', (call) => {
  describe.concurrent('once', () => {
    it.each(rowsOf(call).filter(({ fault }) => fault !== 'refused'))('$name', async (row) => {
      await using site = await startSite(limitsOf(row));
      const { emulator, tokens } = site;
      if (row.fault !== 'refused') emulator.fault({ call, ...row.fault() });
      const failure = await failureOf(tokens.onboard(anna));
      expect(failure?.code).toBe(row.once === 'token' ? undefined : row.forGood);
      if (row.once === 'fails') expectToldOperator(site, row);
      expect(emulator.stats().early).toEqual([]);
      expect(emulator.stats().redirected).toBe(0);
    });

    it('connection refused', async () => {
      const first = await startEmulator();
      const { tokens, onLine, log } = createSite(first.endpoints);
      if (call === 'guestTokens') await tokens.onboard({ externalId: 'bert' });
      await first.close();
      let restarted: ReturnType<typeof startEmulator> | undefined;
      onLine(({ message }) => {
        if (message.includes('ECONNREFUSED')) restarted ??= startEmulator({ port: first.port });
      });
      const { guestToken } = await tokens.onboard(anna);
      expect(guestToken).toMatch(/^emu-guest-/);
      expect(log.some(({ message }) => message.includes('ECONNREFUSED'))).toBe(true);
      await tokens.close();
      await (await restarted)?.close();
    });
  });

  describe.concurrent('for good', () => {
    it.each(rowsOf(call))('$name', async (row) => {
      await using emulator = await startEmulator();
      const closed = await startEmulator();
      await closed.close();
      const nobody = { [call]: closed.endpoints[call] };
      const endpoints = { ...emulator.endpoints, ...(row.fault === 'refused' && nobody) };
      const site = createSite(endpoints, limitsOf(row));
      if (row.fault !== 'refused') emulator.fault({ call, times: 'always', ...row.fault() });

      const failure = await failureOf(site.tokens.onboard(anna));
      expect(failure?.code).toBe(row.forGood);
      if (row.forGood !== 'upstream_rejected') expect(failure?.retryAfter).toBeGreaterThan(0);
      const { latencyMs = Number.NaN } = site.tokens.auditLog().at(-1) ?? {};
      expect(latencyMs).toBeLessThan(limitsOf(row).upstream.deadline + SLACK);
      expectToldOperator(site, row);
      expect(emulator.stats().early).toEqual([]);
      expect(emulator.stats().redirected).toBe(0);
      await site.tokens.close();
    });
  });
});
