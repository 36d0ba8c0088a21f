// What a refresh token is good for, how long, and how it ends.
import { describe, expect, it } from 'vitest';
import { NOON } from '../testing.ts';
import { startMembers as members } from './testing-members.ts';

describe('a refresh token', () => {
  it('makes JWTs for 24 hours, and stays the same', async () => {
    await using cloud = await members();
    const { refreshToken } = await cloud.signIn();
    cloud.clock.at += 16 * 60_000;
    const again = await cloud.refresh({ refreshToken, deploymentId: 'd1' });
    expect(await again.json()).toEqual({ jwt: expect.any(String) });
    cloud.clock.at = NOON + 86_400_000 - 1;
    expect((await cloud.refresh({ refreshToken })).status).toBe(200);
    expect((await cloud.refresh({ refreshToken, deploymentId: 'd2' })).status).toBe(401);
    cloud.clock.at += 1;
    expect((await cloud.refresh({ refreshToken, deploymentId: 'd1' })).status).toBe(401);
  });

  it.each([
    [{}, 400],
    [{ refreshToken: 7 }, 400],
    [{ refreshToken: 'x' }, 401],
  ])('of %j is %d', async (body, status) => {
    await using cloud = await members();
    expect((await cloud.refresh(body)).status).toBe(status);
  });

  it('ends with its JWT, on every device of the member and nobody else’s', async () => {
    await using cloud = await members();
    const first = await cloud.signIn();
    const second = await cloud.signIn();
    const other = await cloud.signIn({ sub: 'kofi' });
    expect((await cloud.signOut(first.jwt)).status).toBe(204);
    const outcomes = await Promise.all(
      [first, second, other].map(async ({ refreshToken }) => (await cloud.refresh({ refreshToken })).status),
    );
    expect(outcomes).toEqual([401, 401, 200]);
    expect((await cloud.signOut(first.jwt)).status).toBe(401);
    cloud.clock.at += 900_000;
    expect((await cloud.signOut(other.jwt)).status).toBe(401);
    expect((await cloud.signOut(`${other.jwt}x`)).status).toBe(401);
  });
});
