// Members on the guest socket: proven to the agent, on every device, stepped up, and signed out everywhere.
import { describe, expect, it } from 'vitest';
import { startMembers } from '../members/testing-members.ts';
import { ADA } from '../members/testing-provider.ts';
import { connectClient, said } from './testing.ts';

const KOFI = { sub: 'member-7', email: 'kofi@shop.example' };

describe('a member', () => {
  it('is proven to the agent, beside what the page says', async () => {
    await using cloud = await startMembers();
    const { jwt } = await cloud.signIn(ADA);
    using client = await connectClient(cloud.emulator.url);
    const configured = await client.ask('configureAuthenticatedSession', { data: { code: jwt } });
    expect(configured.body).toMatchObject({ newSession: true, clearedExistingSession: false });
    const echoed = await client.ask('onMessage', said('Hello', { externalId: 'admin' }));
    expect(echoed.body).toMatchObject({ metadata: { authenticated: 'true' } });
    const answer = await fetch(`${cloud.emulator.url}/_emulator/conversations`);
    expect(await answer.json()).toMatchObject([
      {
        proven: { isAuthenticated: true, sub: ADA.sub, email: ADA.email, name: 'Ada Lindqvist' },
        said: { externalId: 'admin' },
      },
    ]);
  });

  it('goes on in another browser, and is nobody else', async () => {
    await using cloud = await startMembers();
    const { jwt } = await cloud.signIn(ADA);
    using first = await connectClient(cloud.emulator.url, 'first');
    await first.ask('configureAuthenticatedSession', { data: { code: jwt } });
    await first.ask('onMessage', said('Hello'));
    using second = await connectClient(cloud.emulator.url, 'second');
    const there = await second.ask('configureAuthenticatedSession', {
      data: { code: (await cloud.signIn(ADA)).jwt },
    });
    expect(there.body).toMatchObject({ newSession: false });
    using other = await connectClient(cloud.emulator.url, 'first');
    const theirs = await other.ask('configureAuthenticatedSession', {
      data: { code: (await cloud.signIn(KOFI)).jwt },
    });
    expect(theirs.body).toMatchObject({ newSession: true });
    await other.ask('onMessage', said('It is me'));
    expect(JSON.stringify(first.frames)).not.toContain('It is me');
    expect(JSON.stringify(other.frames)).not.toContain('Hello');
  });

  it('needs a JWT that lives, to configure a session and for nothing else', async () => {
    await using cloud = await startMembers();
    const { jwt } = await cloud.signIn(ADA);
    using client = await connectClient(cloud.emulator.url);
    await client.ask('configureAuthenticatedSession', { data: { code: jwt } });
    cloud.clock.at += 900_000;
    expect(await client.ask('onMessage', said('Still here'))).toMatchObject({ code: 200 });
    expect(await client.ask('configureAuthenticatedSession', { data: { code: jwt } })).toMatchObject({
      code: 403,
      body: 'Session authentication failed',
    });
    expect(await client.ask('configureAuthenticatedSession', { data: { code: 'x.y.z' } })).toMatchObject({
      code: 403,
      body: 'Try to authenticate again',
    });
    expect(cloud.emulator.refusals().map(({ reason }) => reason)).toEqual([
      'the JWT is expired',
      'the JWT is unknown',
    ]);
  });

  it('is needed where the deployment requires one', async () => {
    await using cloud = await startMembers();
    using client = await connectClient(cloud.emulator.url);
    expect(await client.ask('configureSession')).toMatchObject({
      code: 403,
      body: 'Session authentication failed',
    });
  });

  it('cannot go back to anonymous with the same token', async () => {
    await using cloud = await startMembers({ auth: 'upgrade' });
    using client = await connectClient(cloud.emulator.url);
    await client.ask('configureAuthenticatedSession', { data: { code: (await cloud.signIn(ADA)).jwt } });
    expect(await client.ask('configureSession')).toMatchObject({ code: 4017 });
  });

  it('signs out on every device at once', async () => {
    await using cloud = await startMembers();
    const { jwt } = await cloud.signIn(ADA);
    const devices = await Promise.all(['a', 'b'].map((token) => connectClient(cloud.emulator.url, token)));
    for (const device of devices) await device.ask('configureAuthenticatedSession', { data: { code: jwt } });
    expect((await cloud.signOut(jwt)).status).toBe(204);
    for (const device of devices) {
      await device.next((frame) => frame.class === 'LogoutEvent');
      expect(await device.ask('onMessage', said('Am I?'))).toMatchObject({ code: 403 });
    }
  });
});

describe('a step-up', () => {
  it('keeps the conversation, and closes the anonymous session of other devices', async () => {
    await using cloud = await startMembers({ auth: 'upgrade' });
    using client = await connectClient(cloud.emulator.url);
    using other = await connectClient(cloud.emulator.url);
    for (const each of [client, other]) await each.ask('configureSession');
    await client.ask('onMessage', said('Hello'));
    const [before] = cloud.emulator.conversations();
    const { jwt } = await cloud.signIn(ADA);
    const configured = await client.ask('configureAuthenticatedSession', { data: { code: jwt } });
    expect(configured.body).toMatchObject({ newSession: false, clearedExistingSession: false });
    await client.next(({ body }) => JSON.stringify(body).includes('"SignIn"'));
    expect(await other.next((frame) => frame.class === 'ConnectionClosedEvent')).toMatchObject({
      body: { reason: 'signedIn' },
    });
    await other.closed;
    expect(cloud.emulator.conversations()).toMatchObject([
      { conversationId: before?.conversationId, proven: { isAuthenticated: true, sub: ADA.sub } },
    ]);
  });

  it('ends the conversation that the member had elsewhere', async () => {
    await using cloud = await startMembers({ auth: 'upgrade' });
    const { jwt } = await cloud.signIn(ADA);
    using elsewhere = await connectClient(cloud.emulator.url, 'elsewhere');
    await elsewhere.ask('configureAuthenticatedSession', { data: { code: jwt } });
    await elsewhere.ask('onMessage', said('old'));
    using client = await connectClient(cloud.emulator.url);
    await client.ask('configureSession');
    const configured = await client.ask('configureAuthenticatedSession', { data: { code: jwt } });
    expect(configured.body).toMatchObject({ newSession: false, clearedExistingSession: true });
    await elsewhere.next((frame) => frame.class === 'SessionClearedEvent');
    await elsewhere.closed;
    expect(cloud.emulator.conversations()[0]).toMatchObject({ state: 'cleared' });
  });
});
