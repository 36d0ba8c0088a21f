// The room as a whole: what the platform says of its limit and of waiting holds for every call, wherever it stands.
import { randomUUID } from 'node:crypto';
import { startEmulator } from '@genesys-guest/emulator';
import type { Dispatcher } from 'undici';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Overrides, startRig, testOptions, WEBCHAT } from '../testing/rig.ts';
import { Upstream } from './upstream.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('gives newcomers their share of what the platform allows, where that is less than what is set', async () => {
  const { service, emulator } = await startRig({ perMinute: 300 }, { rateLimit: 60 });
  const crowd = Array.from({ length: 200 }, (_, i) => ({ externalId: `newcomer ${i}` }));
  await service.renew(WEBCHAT, { externalId: 'first' }, { mayAge: true });
  const answers = await Promise.allSettled(
    crowd.map((guest) => service.renew(WEBCHAT, guest, { mayAge: true })),
  );
  // Of 60 calls 12 are kept; OAuth and the first guest took two of the others.
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(60 - 12 - 2);
  expect(emulator.stats().byStatus).toEqual({ 200: 48 });
});

it('names a clock that is wrong, and asks for the right expiry from then on', async () => {
  const day = 86_400_000;
  const emulator = await startEmulator({ now: () => Date.now() + 2 * day });
  const { oauthToken } = emulator.endpoints;
  const Authorization = `Basic ${btoa('emulator-client:emulator-secret')}`;
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const granted = await fetch(oauthToken, { method: 'POST', headers: { Authorization }, body });
  const { access_token: value } = (await granted.json()) as { access_token: string };
  // Another instance has fetched it: this one has seen no answer of the platform.
  const issue = async () => ({ value, issuedAt: Date.now(), expiresAt: Date.now() + day });
  const upstream = new Upstream(testOptions({ endpoints: emulator.endpoints }), {
    now: Date.now,
    random: () => 0,
    accessToken: { issue, drop: () => {} },
  });
  onTestFinished(async () => {
    await upstream.close();
    await emulator.close();
  });
  const ask = (externalId: string) =>
    upstream.issue(
      { guest: { externalId }, webchatId: WEBCHAT, lifetime: 60 },
      { priority: 'known', deadline: Date.now() + 15_000, onCall: () => {} },
    );
  await expect(ask('anna')).rejects.toThrow(
    /HTTP 400.*The clock of this machine is 17\d{4} s behind: set it/,
  );
  expect((await ask('bert')).token.token).toMatch(/.+/);
});

/** Connections that come about, and answer, when the test says so. */
const handMade = () => {
  const handlers: Dispatcher.DispatchHandler[] = [];
  const dispatcher = {
    dispatch: (_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      handlers.push(handler);
      return true;
    },
  };
  const controller = { abort: () => {} } as unknown as Dispatcher.DispatchController;
  const connect = (call: number) => handlers[call]?.onRequestStart?.(controller, undefined);
  const answer = (call: number, status: number, body: object, headers = {}) => {
    connect(call);
    handlers[call]?.onResponseStart?.(controller, status, headers);
    handlers[call]?.onResponseData?.(controller, Buffer.from(JSON.stringify(body)));
    handlers[call]?.onResponseEnd?.(controller, {});
  };
  return { handlers, dispatcher, connect, answer };
};

/** An upstream by the fake clock. */
const startUpstream = (dispatcher: ReturnType<typeof handMade>['dispatcher']) => {
  const now = () => Date.now();
  const options = { ...testOptions(), clientId: randomUUID(), dispatcher };
  const upstream = new Upstream(options, { now, random: () => 0 });
  onTestFinished(() => upstream.close());
  const issue = (externalId: string, deadline: number) =>
    upstream.issue(
      { guest: { externalId }, webchatId: WEBCHAT, lifetime: 60 },
      { priority: 'known' as const, deadline, onCall: () => {} },
    );
  return { upstream, issue };
};

it('answers by the deadline of the caller, also where the access token that it joins takes longer', async () => {
  vi.useFakeTimers({ now: 0 });
  const { handlers, dispatcher } = handMade();
  const { issue } = startUpstream(dispatcher);
  const answered: string[] = [];
  for (const [name, deadline] of [
    ['early', 2_000],
    ['late', 4_000],
  ] as const) {
    void issue(name, deadline).catch(({ code }) => answered.push(`${name} ${code} ${Date.now()}`));
  }
  await vi.advanceTimersByTimeAsync(4_000);
  expect(answered).toEqual(['early upstream_unavailable 2000', 'late upstream_unavailable 4000']);
  expect(handlers).toHaveLength(1);
});

it('holds back a call that has its turn, and waits for a connection, when a pause begins', async () => {
  vi.useFakeTimers({ now: 0 });
  const { handlers, dispatcher, connect, answer } = handMade();
  const { upstream, issue } = startUpstream(dispatcher);
  const both = Promise.allSettled([issue('anna', 1_000), issue('bert', 15_000)]);
  await vi.advanceTimersByTimeAsync(0);
  answer(0, 200, { access_token: 'access', token_type: 'bearer', expires_in: 86_400 });
  await vi.advanceTimersByTimeAsync(0);
  expect(handlers).toHaveLength(3);
  answer(1, 429, {}, { 'retry-after': '2' });
  await vi.advanceTimersByTimeAsync(10);
  expect(() => connect(2)).toThrow('held');
  await vi.advanceTimersByTimeAsync(1_980);
  expect(handlers).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(20);
  expect(handlers).toHaveLength(4);
  // What was held back is not counted: OAuth, one for anna, one for bert.
  expect(upstream.state.budget.left).toBe(300 - 3);
  const expirationTime = '2030-01-01T00:00:00Z';
  answer(3, 200, { externalId: 'bert', webchatId: WEBCHAT, token: 'a guest token', expirationTime });
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

/** An upstream on an emulator. */
const onEmulator = async (overrides: Overrides = {}, random = 0) => {
  const emulator = await startEmulator();
  const options = testOptions({ endpoints: emulator.endpoints, ...overrides });
  const upstream = new Upstream(options, { now: Date.now, random: () => random });
  onTestFinished(async () => {
    await upstream.close();
    await emulator.close();
  });
  const issue = (externalId: string, ms = 15_000): Promise<unknown> =>
    upstream
      .issue(
        { guest: { externalId }, webchatId: WEBCHAT, lifetime: 60 },
        { priority: 'known', deadline: Date.now() + ms, onCall: () => {} },
      )
      .catch((error: unknown) => error);
  return { emulator, issue };
};

it.each([
  [400, true],
  [401, true],
  [403, false],
])('says of a secret that OAuth answers with %i whether it looks wrong: %s', async (status, hinted) => {
  const { emulator, issue } = await onEmulator({ clientSecret: () => '****' });
  emulator.fault({ call: 'oauthToken', fault: 'status', status, times: 'always' });
  const { message } = (await issue('anna')) as Error;
  expect(message).toContain(`HTTP ${status}`);
  expect(message.includes('looks like a placeholder')).toBe(hinted);
});

it('keeps the access token after a refusal that is not its fault', async () => {
  const { emulator, issue } = await onEmulator();
  emulator.fault({ call: 'guestTokens', fault: 'status', status: 403 });
  expect(await issue('anna')).toMatchObject({ code: 'upstream_rejected' });
  expect(await issue('bert')).toMatchObject({ token: { externalId: 'bert' } });
  expect(emulator.stats()).toMatchObject({ oauthToken: 1, guestTokens: 2 });
});

it('stops who waits for a turn, once the set-up is seen to be refused', async () => {
  const { emulator, issue } = await onEmulator({ concurrency: 1 });
  emulator.fault({ call: 'guestTokens', fault: 'status', status: 403, times: 'always' });
  const crowd = await Promise.all(Array.from({ length: 20 }, (_, i) => issue(`guest ${i}`)));
  expect(crowd).toMatchObject(crowd.map(() => ({ code: 'upstream_rejected' })));
  // Three, and one that had its turn already.
  expect(emulator.stats().guestTokens).toBeLessThanOrEqual(4);
});

it('tells those whom it sends away to come back over 10 s, not together', async () => {
  const told = async (random: number) => {
    const { emulator, issue } = await onEmulator({}, random);
    emulator.fault({ call: 'guestTokens', fault: 'status', status: 429, retryAfter: 7, times: 'always' });
    return issue('anna', 2_000);
  };
  expect(await told(0)).toMatchObject({ code: 'upstream_limited', retryAfter: 7 });
  expect(await told(0.999)).toMatchObject({ code: 'upstream_limited', retryAfter: 17 });
});
