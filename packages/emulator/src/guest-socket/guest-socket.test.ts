// The guest socket as a headless client meets it: anonymous sessions, their limits, their history, their end.
import { describe, expect, it } from 'vitest';
import { rig } from '../testing.ts';
import { connectClient, presenceMessage, said } from './testing.ts';

const begin = async (url: string, token?: string) => {
  const client = await connectClient(url, token);
  const configured = await client.ask('configureSession');
  return { client, configured };
};

describe('a session', () => {
  it('is configured, is said something in, and answers on every device', async () => {
    await using cloud = await rig();
    const { client, configured } = await begin(cloud.emulator.url);
    expect(configured).toMatchObject({
      type: 'response',
      class: 'SessionResponse',
      code: 200,
      body: { connected: true, newSession: true, readOnly: false, maxCustomDataBytes: 2048 },
    });
    const other = await begin(cloud.emulator.url);
    expect(other.configured.body).toMatchObject({ newSession: false });
    const echoed = await client.ask('onMessage', said('Hello', { plan: 'gold' }));
    expect(echoed).toMatchObject({
      type: 'message',
      class: 'StructuredMessage',
      body: { type: 'Text', text: 'Hello', direction: 'Inbound', channel: { messageId: expect.any(String) } },
    });
    for (const { frames, next } of [client, other.client]) {
      await next(({ body }) => (body as { text?: string }).text === 'You said: Hello');
      expect(JSON.stringify(frames)).toContain('"typing":{"type":"On","duration":5000}');
    }
    expect(cloud.emulator.conversations()).toMatchObject([
      {
        deploymentId: 'd1',
        state: 'connected',
        proven: { isAuthenticated: false },
        said: { plan: 'gold' },
        connections: 2,
      },
    ]);
  });

  it('has its history, newest first, for who has its JWT until that expires', async () => {
    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    for (const text of ['one', 'two', 'three']) await client.ask('onMessage', said(text));
    const { jwt, exp } = (await client.ask('getJwt')).body as { jwt: string; exp: number };
    const history = (query: string) =>
      fetch(`${cloud.emulator.url}/api/v2/webmessaging/messages?${query}`, {
        headers: { Authorization: `bearer ${jwt}`, Origin: 'https://shop.example' },
      });
    const page = await history('pageNumber=1&pageSize=2');
    expect(page.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(await page.json()).toMatchObject({
      entities: [{ text: 'three' }, { text: 'two' }],
      pageNumber: 1,
      pageSize: 2,
      total: 3,
      pageCount: 2,
    });
    expect(await (await history('pageNumber=2&pageSize=2')).json()).toMatchObject({
      entities: [{ text: 'one' }],
    });
    cloud.clock.at = exp * 1000;
    expect((await history('')).status).toBe(401);
  });

  it('is echoed', async () => {
    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    expect(await client.ask('echo', { message: { type: 'Text', text: 'ping' } })).toMatchObject({
      type: 'response',
      class: 'StructuredMessage',
      body: { text: 'ping', direction: 'Inbound' },
    });
  });

  it.each([
    ['attributes of 2,049 bytes', 'onMessage', said('x', { text: 'x'.repeat(2038) }), 4013],
    ['a text of 4,097 characters', 'onMessage', said('x'.repeat(4097)), 4011],
    ['a message of nothing', 'onMessage', {}, 400],
    ['another session’s token', 'echo', { token: 'other' }, 4007],
    ['another deployment', 'configureSession', { deploymentId: 'd2' }, 400],
    ['an empty token', 'configureSession', { token: '' }, 400],
    ['a member’s JWT without authentication', 'configureAuthenticatedSession', { data: { code: 'x' } }, 403],
  ])('refuses %s', async (_name, action, more, code) => {
    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    expect(await client.ask(action, more)).toMatchObject({ type: 'response', class: 'string', code });
  });

  it('refuses what is no action, and knows nobody before the configuration', async () => {
    await using cloud = await rig();
    const client = await connectClient(cloud.emulator.url);
    client.send('hello');
    await client.next(({ code }) => code === 400);
    expect(await client.ask('onMessage', said('Hello'))).toMatchObject({ code: 4007 });
  });

  it('has three connections: the fourth ends the first', async () => {
    await using cloud = await rig();
    const clients = [];
    for (let i = 0; i < 4; i += 1) clients.push((await begin(cloud.emulator.url)).client);
    await clients[0]?.next((frame) => frame.class === 'ConnectionClosedEvent');
    expect(await clients[0]?.closed).toBe(1000);
    expect(await clients[3]?.ask('echo')).toMatchObject({ code: 200 });
    expect(clients.slice(1).flatMap(({ frames }) => frames.map((frame) => frame.class))).not.toContain(
      'ConnectionClosedEvent',
    );
  });

  it('makes 60 requests a minute on each connection', async () => {
    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    for (let i = 0; i < 59; i += 1) await client.ask('echo');
    cloud.clock.at += 20_000;
    expect(await client.ask('echo')).toMatchObject({
      class: 'TooManyRequestsErrorMessage',
      code: 429,
      body: { retryAfter: 40, errorCode: 4029 },
    });
    cloud.clock.at += 40_000;
    expect(await client.ask('echo')).toMatchObject({ code: 200 });
  });

  it('is closed for every other device, and then begins anew', async () => {
    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    const other = await begin(cloud.emulator.url);
    expect(await client.ask('closeSession', { closeAllConnections: true })).toMatchObject({
      class: 'SessionResponse',
      body: { connected: false, readOnly: true },
    });
    expect(await other.client.closed).toBe(1000);
    expect((await client.ask('configureSession')).body).toMatchObject({ newSession: false, readOnly: true });
    expect((await client.ask('configureSession', { startNew: true })).body).toMatchObject({
      newSession: true,
    });
  });

  it('is cleared where the deployment allows it', async () => {
    await using forbidding = await rig({ clearConversation: false });
    const refused = await begin(forbidding.emulator.url);
    expect(await refused.client.ask('onMessage', presenceMessage('Clear'))).toMatchObject({
      code: 403,
      body: 'Presence events Conversation Clear are not supported',
    });

    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    await client.ask('onMessage', said('Hello'));
    client.send({ action: 'onMessage', token: 'session-1', ...presenceMessage('Clear') });
    await client.next((frame) => frame.class === 'SessionClearedEvent');
    await client.closed;
    expect(cloud.emulator.conversations()).toMatchObject([{ state: 'cleared', connections: 0 }]);
    expect((await begin(cloud.emulator.url)).configured.body).toMatchObject({ newSession: true });
  });
});

describe('the agent', () => {
  it.each([
    ['ReadOnly', { readOnly: 'true' }, 409],
    ['Send', { readOnly: 'false' }, 200],
  ] as const)('disconnects (%s)', async (conversationDisconnect, metadata, code) => {
    await using cloud = await rig({ conversationDisconnect });
    const { client } = await begin(cloud.emulator.url);
    await client.ask('onMessage', said('Hello'));
    const [{ conversationId } = { conversationId: '' }] = cloud.emulator.conversations();
    cloud.emulator.disconnect(conversationId);
    const told = await client.next(({ body }) => JSON.stringify(body).includes('Disconnect'));
    expect(told.body).toMatchObject({
      direction: 'Outbound',
      type: 'Event',
      metadata,
      events: [{ eventType: 'Presence', presence: { type: 'Disconnect' } }],
    });
    expect(await client.ask('onMessage', said('Still there?'))).toMatchObject({ code });
  });

  it('says what it is told to, over HTTP, too', async () => {
    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    await client.ask('onMessage', presenceMessage('Join'));
    const url = `${cloud.emulator.url}/_emulator/conversations`;
    const [view] = (await (await fetch(url)).json()) as { conversationId: string }[];
    const tell = (body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) });
    expect((await tell({ ...view, say: 'Good day' })).status).toBe(204);
    await client.next(({ body }) => (body as { text?: string }).text === 'Good day');
    expect((await tell({ conversationId: 'nobody', say: 'x' })).status).toBe(400);
    expect((await tell({ ...view, sing: 'x' })).status).toBe(400);
    expect((await tell({ ...view, disconnect: true })).status).toBe(204);
    expect(cloud.emulator.conversations()[0]?.state).toBe('disconnected');
  });
});

describe('a fault', () => {
  it('of the connection: refused, reset, or for a deployment that is not there', async () => {
    await using cloud = await rig({ webchatIds: ['d1'] });
    cloud.emulator.fault({ call: 'socket', fault: 'status', status: 503 });
    await expect(connectClient(cloud.emulator.url)).rejects.toThrow('503');
    cloud.emulator.fault({ call: 'socket', fault: 'reset' });
    await expect(connectClient(cloud.emulator.url)).rejects.toThrow();
    await expect(connectClient(cloud.emulator.url, 't', 'd2')).rejects.toThrow('403');
    cloud.emulator.fault({ call: 'socket', fault: 'delay', ms: 1 });
    using client = await connectClient(cloud.emulator.url);
    expect(await client.ask('configureSession')).toMatchObject({ code: 200 });
    expect(cloud.emulator.stats()).toMatchObject({ socket: 4, configureSession: 1 });
  });

  it('hangs a connection, and does not keep the emulator from closing', async () => {
    const cloud = await rig();
    cloud.emulator.fault({ call: 'socket', fault: 'hang' });
    const outcome = expect(connectClient(cloud.emulator.url)).rejects.toThrow();
    await expect.poll(() => cloud.emulator.stats().socket).toBe(1);
    await cloud.emulator.close();
    await outcome;
  });

  it('of a request: refused, answered with nonsense, late, never, or the end', async () => {
    await using cloud = await rig();
    const { client } = await begin(cloud.emulator.url);
    cloud.emulator.fault({ call: 'onMessage', fault: 'status', status: 500 });
    expect(await client.ask('onMessage', said('x'))).toMatchObject({ class: 'string', code: 500 });
    cloud.emulator.fault({ call: 'onMessage', fault: 'wrong-shape' });
    client.send({ action: 'onMessage', token: 'session-1', ...said('x') });
    await client.next((frame) => (frame.class as unknown) === 42);
    cloud.emulator.fault({ call: 'echo', fault: 'hang' });
    client.send({ action: 'echo', token: 'session-1', tracingId: 'lost' });
    cloud.emulator.fault({ call: 'echo', fault: 'delay', ms: 1 });
    expect(await client.ask('echo')).toMatchObject({ code: 200 });
    expect(client.frames.some(({ tracingId }) => tracingId === 'lost')).toBe(false);
    cloud.emulator.fault({ call: 'getJwt', fault: 'reset' });
    client.send({ action: 'getJwt', token: 'session-1' });
    await client.closed;
  });

  it.each([
    [{ call: 'socket', fault: 'html' }, 'faults of socket are reset, hang, delay, status'],
    [{ call: 'echo', fault: 'cut' }, 'faults of echo are'],
    [{ call: 'discovery', fault: 'other-keys' }, 'for jwks alone'],
  ] as const)('%j cannot be', async (fault, words) => {
    await using cloud = await rig();
    expect(() => cloud.emulator.fault(fault)).toThrow(words);
  });
});
