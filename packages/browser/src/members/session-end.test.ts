// @vitest-environment jsdom
// The member's session on the site ends, and nobody has signed out.
import { describe, expect, it, vi } from 'vitest';
import { JWT } from '../testing/auth.ts';
import { ADA, signIn, useMembersPage } from '../testing/members.ts';
import { ANONYMOUS } from '../testing/server.ts';
import type { GuestSession } from '../types.ts';

const { page, start, open, commands } = useMembersPage();

describe('a session of the site that merely ends', () => {
  const end = async (options: object = {}) => {
    page().options = { auth: 'upgrade' };
    signIn(page(), ADA);
    const session = (await start({ token: 'eager', ...options })) as GuestSession;
    await open(session);
    signIn(page(), undefined);
    page().server.externalId = ANONYMOUS;
    await page().pass(page().server.lifetime * 1_000);
    return session;
  };

  it('takes the member from this browser alone', async () => {
    await end();
    expect(commands()).not.toContain('Auth.logout');
    expect(commands()).toContain('Messenger.clear');
  });

  it('is not mistaken for a sign-out where the proof is renewed', async () => {
    page().options = { auth: 'upgrade' };
    page().server.source = 'none';
    page().server.proof = 'proof-1';
    signIn(page(), ADA);
    await open(await start());
    signIn(page(), undefined);
    await page().pass(11 * 60_000);
    expect(commands()).not.toContain('Auth.logout');
    expect(commands()).toContain('Messenger.clear');
  });

  it('leaves everything where the page says so', async () => {
    await end({ onChange: 'keep' });
    expect(commands().filter((name) => /logout|[cC]lear/.test(name))).toEqual([]);
    expect(localStorage.getItem(JWT)).toBe('code-1');
  });

  const ask = async () => {
    const answers: unknown[] = [];
    const take = (value: unknown) => answers.push(value);
    window.Genesys?.('command', 'AuthProvider.reAuthenticate', {}, take, take);
    await page().pass(100);
    return answers;
  };

  it('is told when Messenger asks, as an event and to the host, who may sign the member in', async () => {
    page().options = { auth: 'required' };
    const told = vi.fn();
    window.addEventListener('genesys-guest:sign_in_required', told, { once: true });
    signIn(page(), ADA);
    const onSignInRequired = vi.fn(() => signIn(page(), ADA));
    await start({ onSignInRequired });
    page().server.member = undefined;
    expect(await ask()).toEqual([expect.objectContaining({ authCode: 'code-1' })]);
    expect([told.mock.calls.length, onSignInRequired.mock.calls.length]).toEqual([1, 1]);
    expect(commands()).not.toContain('Auth.logout');
  });

  it('is a refusal where the host does nothing', async () => {
    page().options = { auth: 'required' };
    signIn(page(), ADA);
    await start();
    page().server.member = undefined;
    expect(await ask()).toEqual([{ code: 'sign_in_required' }]);
  });
});
