// One access token for all callers: renewed behind, and a refused one is not taken again.
import { expect, it, vi } from 'vitest';
import { AccessTokens } from './access-token.ts';
import type { AccessToken, SharedAccessToken } from './ports.ts';

const HOUR = 3_600_000;
const caller = { deadline: 10 * HOUR, onCall: (): void => {} };
const build = (shared?: SharedAccessToken) => {
  const clock = { at: 0 };
  const fetch = vi.fn(async (): Promise<AccessToken> => {
    const value = `token ${fetch.mock.calls.length}`;
    return { value, issuedAt: clock.at, expiresAt: clock.at + HOUR };
  });
  return {
    clock,
    fetch,
    tokens: new AccessTokens({ now: () => clock.at, accessToken: shared }, fetch, 15_000),
  };
};

it('renews an ageing token behind, and after a failure not again for 10 s', async () => {
  const { clock, fetch, tokens } = build();
  const first = await tokens.get(caller);
  clock.at = HOUR - 60_000;
  fetch.mockRejectedValueOnce(new Error('down'));
  for (let i = 0; i < 5; i += 1) expect(await tokens.get(caller)).toBe(first);
  expect(tokens.state).toBe('failing');
  expect(fetch).toHaveBeenCalledTimes(2);
  clock.at += 10_000;
  expect(await tokens.get(caller)).toBe(first);
  expect(fetch).toHaveBeenCalledTimes(3);
  expect((await tokens.get(caller)).value).toBe('token 3');
});

it('does not take from the other instances the token that was refused', async () => {
  let kept: AccessToken | undefined;
  const drop = vi.fn();
  const { tokens } = build({
    issue: async ({ suffices, issue }) => {
      if (!kept || !suffices(kept)) kept = await issue();
      return kept;
    },
    drop,
  });
  const refused = await tokens.get(caller);
  tokens.drop(refused);
  expect(drop).toHaveBeenCalledWith(refused);
  expect((await tokens.get(caller)).value).toBe('token 2');
});

it('says how the last fetch went', async () => {
  const { clock, fetch, tokens } = build();
  expect(tokens.state).toBe('unknown');
  fetch.mockRejectedValueOnce(new Error('down'));
  await expect(tokens.get(caller)).rejects.toThrow('down');
  expect(tokens.state).toBe('failing');
  await tokens.get(caller);
  expect(tokens.state).toBe('ok');
  // Past its end it is no token any more.
  clock.at = HOUR;
  expect((await tokens.get(caller)).value).toBe('token 3');
});

it('keeps the present one where an older one is refused, or none was ever had', async () => {
  const { fetch, tokens } = build();
  tokens.drop({ value: 'of another', issuedAt: 0, expiresAt: HOUR });
  const first = await tokens.get(caller);
  tokens.drop({ value: 'an older one', issuedAt: 0, expiresAt: HOUR });
  expect(await tokens.get(caller)).toBe(first);
  tokens.drop(first);
  expect((await tokens.get(caller)).value).toBe('token 2');
  expect(fetch).toHaveBeenCalledTimes(2);
});

it('takes from the other instances a fresh one alone, and gives itself one time limit for all', async () => {
  const issue = vi.fn<SharedAccessToken['issue']>(({ issue: own }) => own());
  const { clock, tokens, fetch } = build({ issue, drop: () => {} });
  clock.at = 1_000;
  await tokens.get(caller);
  const [{ suffices, deadline } = {}] = issue.mock.calls[0] ?? [];
  expect(deadline).toBe(16_000);
  expect(fetch).toHaveBeenCalledWith(16_000, caller.onCall);
  const until = (expiresAt: number) => suffices?.({ value: 'theirs', issuedAt: -HOUR, expiresAt });
  expect([until(HOUR), until(301_000), until(1_000)]).toEqual([true, false, false]);
});
