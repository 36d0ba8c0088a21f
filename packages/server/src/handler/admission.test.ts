// Each caller is admitted for who they are: nobody is refused for what another is, and nobody is counted twice.
import type { IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { fakeHandlerOptions, fakeToken, fakeTokens } from '../testing/fake-tokens.ts';
import { MOUNTS, start, visitor } from '../testing/site.ts';
import { createAddressLimiter } from './address-limiter.ts';
import { createAdmission } from './admission.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

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

describe('the count of addresses', () => {
  const req = { socket: { remoteAddress: '203.0.113.7' }, headers: {} } as unknown as IncomingMessage;
  const guest = (externalId: string) => ({ guest: { externalId }, identified: false, signed: undefined });
  const missing = { state: 'missing', token: undefined } as const;

  it('is one for all who ask for one guest at the same time, across instances', async () => {
    const consume = vi.fn(async () => settled().then(() => undefined));
    const options = fakeHandlerOptions(fakeTokens());
    const admission = createAdmission(options, { consume });
    await Promise.all([admission(req, guest('anna'), missing), admission(req, guest('anna'), missing)]);
    expect(consume).toHaveBeenCalledTimes(1);
    await Promise.all([admission(req, guest('anna'), missing), admission(req, guest('bert'), missing)]);
    expect(consume).toHaveBeenCalledTimes(3);
  });

  it('goes on in this process where the others cannot be asked', async () => {
    const limiter = createAddressLimiter(1, 10, { consume: () => Promise.reject(new Error('gone')) });
    expect(await limiter.consume('203.0.113.7', 'anna')).toBeUndefined();
    expect(await limiter.consume('203.0.113.7', 'bert')).toBeGreaterThan(50);
  });

  it('refuses without a wait where nothing has to be waited for', () => {
    const options = fakeHandlerOptions(fakeTokens(), { mintsPerMinute: 1 });
    const admission = createAdmission(options, undefined);
    expect(admission(req, guest('anna'), missing)).toBeUndefined();
    const ask = () =>
      admission(req, guest('bert'), { state: 'ageing', token: fakeToken({ externalId: 'b' }) });
    expect(ask).toThrow(GuestTokenError);
  });
});
