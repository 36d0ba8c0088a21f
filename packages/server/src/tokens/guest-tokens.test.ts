// `guest.tokens`: what the site's own code asks for, and what belongs to it alone.
import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/promises.ts';
import { type Overrides, startRig, WEBCHAT } from '../testing/rig.ts';
import { behind, type GuestTokens, guestTokens } from './guest-tokens.ts';

const anna = { externalId: 'anna', attributes: { plan: 'gold' } };

const start = async (overrides: Overrides = {}) => {
  const rig = await startRig(overrides);
  return { ...rig, tokens: guestTokens(rig) };
};

describe('guest tokens', () => {
  it('give a page its config, with a token', async () => {
    const { tokens, emulator } = await start();
    const config = await tokens.onboard(anna);
    expect(config).toMatchObject({ webchatId: WEBCHAT, externalId: 'anna', attributes: { plan: 'gold' } });
    expect(config.guestToken).toMatch(/.{100}/);
    expect((await tokens.renew(anna)).guestToken).toBe(config.guestToken);
    expect(emulator.stats().guestTokens).toBe(1);
  });

  it('are issued for what visitor(req) returned, as it is', async () => {
    const { tokens } = await start();
    const visitor = { ...anna, signedIn: true, token: 'a token', expiresIn: 60 };
    for (const ask of [tokens.onboard, tokens.renew]) {
      expect(await ask(visitor)).toMatchObject({ ...anna, guestToken: expect.any(String) });
    }
  });

  it('say with the old token when to ask again', async () => {
    const { tokens, emulator, pass } = await start();
    const { guestToken } = await tokens.onboard(anna);
    pass(86_400 - 100);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
    expect(await tokens.renew(anna)).toMatchObject({ guestToken, renewIn: 30 });
  });

  it('have the whole of the limit, as the site says who they are', async () => {
    const { tokens } = await start({ perMinute: 10, deadline: 2_000 });
    const guests = Array.from({ length: 9 }, (_, i) => ({ externalId: `guest ${i}` }));
    const configs = await Promise.all(guests.map((guest) => tokens.onboard(guest)));
    expect(configs.filter(({ guestToken }) => guestToken)).toHaveLength(9);
  });

  it('cause no call where Messenger chats alone', async () => {
    const { tokens, emulator } = await start({ source: 'none' });
    const config = await tokens.onboard(anna);
    expect(config).toMatchObject({ externalId: 'anna', attributes: { plan: 'gold' } });
    expect(config).not.toHaveProperty('renewIn');
    expect(emulator.stats()).toMatchObject({ oauthToken: 0, guestTokens: 0 });
  });

  it.each(['forget', 'erase'] as const)('%s a guest once', async (act) => {
    const { tokens, emulator } = await start();
    await tokens.onboard(anna);
    expect(await tokens[act]('anna')).toBe(true);
    expect(await tokens[act]('anna')).toBe(false);
    await tokens.onboard(anna);
    expect(emulator.stats().guestTokens).toBe(2);
  });

  it('refuse an id that is none', async () => {
    const { tokens } = await start();
    for (const call of [tokens.onboard({ externalId: '' }), tokens.forget(''), tokens.erase('')])
      expect(await codeOf(call)).toBe('guest_invalid');
  });

  it.each<[string, (tokens: GuestTokens) => Promise<void>]>([
    ['close()', (tokens) => tokens.close({ timeout: 100 })],
    ['await using', (tokens) => tokens[Symbol.asyncDispose]()],
  ])('end with %s', async (_name, end) => {
    const { tokens } = await start();
    await end(tokens);
    expect(await codeOf(tokens.onboard(anna))).toBe('upstream_unavailable');
  });

  it('are known by what stands behind them, which nothing else has', async () => {
    const { tokens, service } = await start();
    expect(behind(tokens)).toMatchObject({ service });
    expect(() => behind({ ...tokens })).toThrow(/tokens.*must be what createGuestTokens\(\) returned/);
  });
});
