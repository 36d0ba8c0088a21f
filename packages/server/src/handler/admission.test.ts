// Each caller is admitted for who they are: nobody is refused for what another is, nobody is counted twice, and no header switches a limit off.

import { describe, expect, it, vi } from 'vitest';
import type { GuestTokenError } from '../lib/errors.ts';
import type { GenesysGuestOptions } from '../options/options.ts';
import type { RateCounter } from '../store/ports.ts';
import { fakeHandlerOptions, fakeToken, fakeTokens } from '../testing/fake-tokens.ts';
import { settled } from '../testing/promises.ts';
import { WEBCHAT } from '../testing/rig.ts';
import { MOUNTS, start, visitor } from '../testing/site.ts';
import { createAdmission } from './admission.ts';

describe.each(MOUNTS)('on %s', (_name, mount) => {
  it('does not give one caller of a guest the 403 of another', async () => {
    const verdicts = [false, true];
    const site = start(mount, { admit: async () => settled().then(() => verdicts.shift() === true) });
    const cookie = await visitor(site);
    const ask = () => site.post('/renew').set('Cookie', cookie);
    const [one, two] = await Promise.all([ask(), ask()]);
    expect([one.status, two.status].sort()).toEqual([200, 403]);
    expect(site.service.calls).toHaveLength(1);
  });

  it('does not ask who joins a call that is under way', async () => {
    const service = fakeTokens();
    const admit = vi.fn(() => false);
    const site = start(mount, { admit }, service);
    const cookie = await visitor(site);
    service.isIssuing = () => true;
    expect((await site.post('/renew').set('Cookie', cookie)).status).toBe(200);
    expect(admit).not.toHaveBeenCalled();
  });
});

const guest = (externalId: string, identified = false) => ({
  guest: { externalId },
  identified,
  signed: undefined,
});
const missing = { state: 'missing', token: undefined } as const;
const expired = { state: 'expired', token: undefined } as const;
const from = (remoteAddress: string, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers,
  host: { socket: { remoteAddress }, headers },
});

const admissionOf = (options: GenesysGuestOptions = {}, counter?: RateCounter) => {
  const warn = vi.fn();
  const resolved = fakeHandlerOptions(fakeTokens(), { logger: { ...SILENT, warn }, ...options });
  const admission = createAdmission(resolved, counter);
  /** The code of the refusal, or `undefined` for who is admitted. */
  const ask = async (...given: Parameters<typeof admission>): Promise<string | undefined> => {
    try {
      await admission(...given);
      return undefined;
    } catch (error) {
      return (error as GuestTokenError).code;
    }
  };
  return { admission, ask, warn };
};
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const refusedOf = async (times: number, ask: (nth: number) => Promise<string | undefined>) => {
  let refused = 0;
  for (let nth = 0; nth < times; nth += 1) if (await ask(nth)) refused += 1;
  return refused;
};

describe('the count of addresses', () => {
  it('is one for all who ask for one guest at the same time, across instances', async () => {
    const consume = vi.fn(async () => settled().then(() => undefined));
    const { admission } = admissionOf({}, { consume });
    const req = from('203.0.113.7');
    await Promise.all([admission(req, guest('anna'), missing), admission(req, guest('anna'), missing)]);
    expect(consume).toHaveBeenCalledTimes(2);
    await Promise.all([admission(req, guest('anna'), missing), admission(req, guest('bert'), missing)]);
    expect(consume).toHaveBeenCalledTimes(6);
  });

  it('says who has caused several calls in this minute', async () => {
    const { admission } = admissionOf();
    const ask = (id: string) => admission(from('203.0.113.7'), guest(id), missing);
    expect([ask('a'), ask('b'), ask('c')]).toEqual([false, false, true]);
  });

  it.each([
    ['203.0.113.7', 'a public address', 24],
    ['10.0.0.2', 'a private address, where a proxy stands that nobody configured', 240],
  ])('goes on at %s, %s, whatever X-Forwarded-For says', async (address, _what, limit) => {
    const { ask, warn } = admissionOf();
    const refused = await refusedOf(limit + 60, (nth) =>
      ask(from(address, { 'x-forwarded-for': `198.51.100.${nth % 250}` }), guest(`guest ${nth}`), missing),
    );
    expect(refused).toBe(60);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain('X-Forwarded-For');
  });

  it('does not put members into the crowd behind a proxy that nobody configured', async () => {
    const { ask } = admissionOf();
    const refused = await refusedOf(300, (nth) =>
      ask(from('10.0.0.2', { 'x-forwarded-for': '1.2.3.4' }), guest(`member ${nth}`, true), missing),
    );
    expect(refused).toBe(0);
  });

  it("is kept by the connection, too, where Express' trust proxy is true and anybody chooses an address", async () => {
    const { ask, warn } = admissionOf();
    const refused = await refusedOf(300, (nth) => {
      const req = from('198.51.100.9', { 'x-forwarded-for': `203.0.113.${nth % 250}` });
      const host = { ...req.host, ip: `203.${nth}.113.1`, app: { get: () => true } };
      return ask({ ...req, host }, guest(`guest ${nth}`), missing);
    });
    expect(refused).toBe(60);
    expect(warn.mock.calls[0]?.[0]).toContain('trust proxy');
  });
});

it('does not let a whole /48 cause what 65,536 subscribers may', async () => {
  const { ask } = admissionOf({ mintsPerMinute: 2 });
  // Each call from a /64 and a /56 of its own.
  const refused = await refusedOf(100, (nth) =>
    ask(from(`2001:db8:1:${(nth * 256).toString(16)}::1`), guest(`guest ${nth}`), missing),
  );
  expect(refused).toBe(100 - 2 * 16);
  expect(await ask(from('2001:db8:2::1'), guest('neighbour'), missing)).toBeUndefined();
});

describe('what is counted', () => {
  const counted = async (...[req, visitor, found]: Parameters<ReturnType<typeof createAdmission>>) => {
    const consume = vi.fn(() => ({ count: 3 }));
    const options = fakeHandlerOptions(fakeTokens(), { mintsPerMinute: 7, logger: SILENT });
    const admitted = await createAdmission(options, undefined, consume)(req, visitor, found);
    return { counts: consume.mock.calls.flat(2), admitted };
  };
  const address = { name: 'address 203.0.113.7', limit: 7, window: 60_000 };
  const looping = { name: `guest ${WEBCHAT} anna`, limit: 6, window: 300_000 };
  const token = fakeToken({ externalId: 'anna' });

  it.each([
    ['missing', { state: 'missing', token: undefined }, [address, looping]],
    ['changed', { state: 'changed', token }, [address, looping]],
    ['ageing', { state: 'ageing', token }, [address]],
    ['expired', { state: 'expired', token: undefined }, [address]],
  ] as const)('where the token is %s', async (_state, found, counts) => {
    expect(await counted(from('203.0.113.7'), guest('anna'), found)).toEqual({
      counts,
      admitted: true,
    });
  });

  it.each([
    [false, [{ name: 'proxy 10.0.0.2', limit: 240, window: 60_000 }]],
    [true, []],
  ])('behind a proxy that nobody configured, of a member: %s', async (identified, counts) => {
    const req = from('10.0.0.2', { 'x-forwarded-for': '1.2.3.4' });
    // Nobody there is told apart: nobody goes behind another.
    expect(await counted(req, guest('anna', identified), expired)).toEqual({
      counts,
      admitted: false,
    });
  });
});

describe('admit', () => {
  it.each([
    ['false', () => false],
    ['a word that is not true', () => 'yes' as never],
    ['a promise of false', async () => false],
    ['nothing within 5 s', () => new Promise<boolean>(() => {})],
  ])('that says %s refuses', async (_what, admit) => {
    vi.useFakeTimers();
    try {
      const { ask } = admissionOf({ admit });
      const asked = ask(from('203.0.113.7'), guest('anna'), missing);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await asked).toBe('not_admitted');
    } finally {
      vi.useRealTimers();
    }
  });

  it('that throws refuses, and leaves a line that says so', async () => {
    const error = vi.fn();
    const admit = () => {
      throw new TypeError('no captcha');
    };
    const { admission } = admissionOf({ admit, logger: { ...SILENT, error } });
    await expect(admission(from('203.0.113.7'), guest('anna'), missing)).rejects.toMatchObject({
      code: 'not_admitted',
      message: 'The site did not admit this visitor.',
    });
    expect(error.mock.calls[0]).toEqual([
      expect.stringContaining('admit(req) failed'),
      { error: 'TypeError' },
    ]);
  });

  it('is not asked of who has a token, and is told of the request', async () => {
    const admit = vi.fn(() => true);
    const { ask } = admissionOf({ admit });
    const req = from('203.0.113.7');
    const token = fakeToken({ externalId: 'anna' });
    await ask(req, guest('anna'), { state: 'ageing', token });
    expect(admit).not.toHaveBeenCalled();
    expect(await ask(req, guest('anna'), missing)).toBeUndefined();
    expect(admit.mock.calls).toEqual([[req.host]]);
  });
});

it('who is refused is told for how long', () => {
  const { admission } = admissionOf({ mintsPerMinute: 1 });
  const ask = (id: string) => admission(from('203.0.113.7'), guest(id), missing);
  ask('anna');
  expect(() => ask('bert')).toThrow(
    expect.objectContaining({
      code: 'too_many_guests',
      message: 'This address caused too many calls. Ask again later.',
      retryAfter: 60,
    }),
  );
});

describe('the count of a guest', () => {
  it('allows six issues in five minutes, from whatever address', async () => {
    const { ask } = admissionOf();
    const refused = await refusedOf(20, (nth) =>
      ask(from(`203.0.113.${nth}`), guest('looping', true), missing),
    );
    expect(refused).toBe(14);
    expect(await ask(from('203.0.113.99'), guest('another', true), missing)).toBeUndefined();
  });

  it('does not count what an expiry made due', async () => {
    const { ask } = admissionOf();
    const refused = await refusedOf(20, (nth) => ask(from(`203.0.113.${nth}`), guest('old', true), expired));
    expect(refused).toBe(0);
  });
});
