// The counts stay right, and small, however many calls there are.
import { describe, expect, it } from 'vitest';
import { createStats } from './stats.ts';

describe('the counts', () => {
  it('keep bounded lists and every total', () => {
    let at = 0;
    const stats = createStats(() => at);
    stats.answered('guestTokens', 429, '86400');
    for (let i = 0; i < 150_000; i += 1) {
      at += 1;
      stats.arrived('guestTokens');
      stats.answered('guestTokens', 200);
      stats.issued(`guest-${i}`);
    }
    const snapshot = stats.snapshot();
    expect(snapshot).toMatchObject({
      guestTokens: 150_000,
      byStatus: { 200: 150_000, 429: 1 },
      perGuest: { issued: 150_000, guests: 100_000, max: 1 },
      busiestMinute: { guestTokens: 60_000, oauthToken: 0, all: 60_000 },
      earlyCount: 150_000,
    });
    const lists = [snapshot.issued, snapshot.early, snapshot.arrivals.guestTokens];
    expect(lists.map(({ length }) => length)).toEqual([10_000, 10_000, 10_000]);
    expect(snapshot.issued.at(-1)).toEqual({ externalId: 'guest-149999', at: 150_000 });
  });

  it.each([
    ['nonsense', 'soon'],
    ['a negative one', '-5'],
  ])('take %s of a Retry-After for none', (_, retryAfter) => {
    const stats = createStats(() => 0);
    stats.answered('oauthToken', 429, retryAfter);
    stats.arrived('oauthToken');
    expect(stats.snapshot()).toMatchObject({ pauses: [], earlyCount: 0 });
  });
});
