// Nobody sees a secret: every fault of the platform is played, and everything that leaves the site is searched.
import { createServer } from 'node:http';
import { type Emulator, startEmulator } from '@genesys-guest/emulator';
import {
  ConfigurationError,
  createGuestTokens,
  type GenesysGuestOptions,
  genesysGuest,
} from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../../packages/server/src/testing/redis.ts';
import { CALLS, FAULTS, leaksIn, SECRETS, textOf } from './canaries.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { startWire, type Wire } from './wire.ts';

/** What reaches the outside, by where it does. */
const seen: { readonly where: string; readonly text: string }[] = [];
const see = (where: string) => (value: unknown) => void seen.push({ where, text: textOf(value) });

const note =
  (level: string) =>
  (...line: unknown[]) =>
    see(`log ${level}`)(line);
const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };

const spans = new InMemorySpanExporter();
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({
  exporter: metricExporter,
  exportIntervalMillis: 3_600_000,
});

describeWithRedis('no secret leaves', () => {
  let redis: RedisServer;
  let receiver: Receiver;
  let emulator: Emulator;
  let wire: Wire;
  let options: GenesysGuestOptions;
  const identity = { externalId: 'the-member', attributes: { note: SECRETS.attribute } };
  const answers: { readonly body: string; readonly headers: string }[] = [];
  const console_ = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(see(`console.${name}`)),
  );

  beforeAll(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
    );
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    redis = await startRedis();
    await redis.command('ACL', 'SETUSER', 'site', 'on', `>${SECRETS.redisPassword}`, '~*', '&*', '+@all');
    receiver = await startReceiver();
    emulator = await startEmulator({
      clientSecret: SECRETS.clientSecret,
      rateLimit: Number.POSITIVE_INFINITY,
    });
    wire = await startWire(emulator.port);
    const through = (url: string) => url.replace(`:${emulator.port}/`, `:${wire.port}/`);
    options = {
      region: 'eu-west-1',
      clientId: 'emulator-client',
      clientSecret: SECRETS.clientSecret,
      webchatId: 'chat',
      endpoints: {
        oauthToken: through(emulator.endpoints.oauthToken),
        guestTokens: through(emulator.endpoints.guestTokens),
        bootstrap: emulator.endpoints.bootstrap,
      },
      secrets: [SECRETS.cookieKey, SECRETS.oldCookieKey],
      identify: ({ headers }) => (headers['x-member'] ? identity : undefined),
      whenUnavailable: 'fail',
      upstream: { perMinute: 1_000_000, timeout: 150, deadline: 300 },
      mintsPerMinute: 1_000_000,
      audit: { key: SECRETS.auditKey, sink: see('audit sink') },
      events: {
        url: receiver.url,
        secret: `whsec_${Buffer.from(SECRETS.signingKey).toString('base64')}`,
        durable: true,
      },
      logger,
      logLevel: 'debug',
    };
  });

  afterAll(async () => {
    for (const spy of console_) spy.mockRestore();
    metrics.disable();
    trace.disable();
    context.disable();
    await emulator?.close();
    await wire?.[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  const redisUrl = () => redis.url.replace('redis://', `redis://site:${SECRETS.redisPassword}@`);
  const store = () => redisStore({ url: redisUrl() });

  /** A whole site for one fault: a member and a newcomer ask over HTTP, and the site's own code asks without. */
  const visit = async (prepare: () => void, who: 'everyone' | 'member' = 'everyone'): Promise<void> => {
    const guest = genesysGuest({ ...options, store: store() });
    for (const event of ['issued', 'renewed', 'failed', 'invalidated'] as const) {
      guest.tokens.on(event, see(`on('${event}')`));
    }
    const server = createServer(guest).listen(0, '127.0.0.1');
    const origin = await new Promise<string>((resolve) => {
      server.once('listening', () =>
        resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`),
      );
    });
    const ask = async (path: string, headers: Record<string, string>) => {
      const method = path === '/config' || path === '/boot.js' ? 'GET' : 'POST';
      const answer = await fetch(`${origin}${path}`, {
        method,
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
      });
      answers.push({ body: await answer.text(), headers: JSON.stringify([...answer.headers]) });
      return answer;
    };
    emulator.clearFaults();
    prepare();
    if (who === 'everyone') {
      const first = await ask('/renew', {});
      const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
      await ask('/renew', { cookie });
      await ask('/config', { cookie });
      await ask('/boot.js', {});
    }
    await ask('/renew', { 'x-member': 'yes' });
    await guest.tokens.onboard(identity).catch(see('error'));
    await ask('/forget', { 'x-member': 'yes' });
    see('health')(guest.health());
    see('telemetry()')(guest.tokens.telemetry());
    see('auditLog()')(guest.tokens.auditLog());
    await guest.close({ timeout: 2_000 });
    server.closeAllConnections();
    server.close();
  };

  const kept = async (): Promise<string> => {
    const ask = (...args: string[]) => redis.command(...args);
    const texts: string[] = [];
    for (const key of (await ask('KEYS', '*')) as string[]) {
      const read = {
        string: ['GET'],
        hash: ['HGETALL'],
        zset: ['ZRANGE', '0', '-1'],
        stream: ['XRANGE', '-', '+'],
      };
      const [name = '', ...rest] = read[(await ask('TYPE', key)) as keyof typeof read] ?? [];
      expect(name, `no way to read ${key}`).not.toBe('');
      texts.push(key, JSON.stringify(await ask(name, key, ...rest)));
    }
    return texts.join('\n');
  };

  it('while all is well, and in each fault of the platform', { timeout: 300_000 }, async () => {
    await visit(() => {});
    await visit(() => {});
    see('Redis')(await kept());
    for (const fault of FAULTS) {
      // Without the shared access token there is a call for one that can fail.
      if (fault.call === 'oauthToken') await redis.command('FLUSHALL');
      await visit(() => emulator.fault({ ...fault, times: 'always' }));
    }
    await visit(() => {});
    // A gateway that repeats what it was sent, credentials and all.
    const basic = Buffer.from(`emulator-client:${SECRETS.clientSecret}`).toString('base64');
    for (const status of [400, 401, 403, 500]) {
      const fault = { fault: 'status', status, times: 'always' } as const;
      for (const call of CALLS) {
        const token = [...wire.accessTokens].at(-1);
        const message = `got Bearer ${token} Basic ${basic} ${call === 'oauthToken' ? SECRETS.clientSecret : token}`;
        if (call === 'oauthToken') await redis.command('FLUSHALL');
        await visit(() => emulator.fault({ ...fault, call, message }));
        await visit(() => {});
      }
      await visit(
        () => emulator.fault({ ...fault, call: 'guestTokens', message: SECRETS.attribute }),
        'member',
      );
    }
    emulator.clearFaults();
    see('Redis')(await kept());
    await redis.kill();
    await visit(() => {});

    const wrong = {
      ...options,
      clientSecret: `${SECRETS.clientSecret} `,
      secrets: [SECRETS.cookieKey.slice(9)],
    };
    try {
      createGuestTokens(wrong);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      see('ConfigurationError')(error);
    }
  });

  it('and this is how it is known', async () => {
    await reader.forceFlush();
    see('metrics')(metricExporter.getMetrics().at(-1)?.scopeMetrics);
    for (const { name, attributes, events, status, links, resource } of spans.getFinishedSpans()) {
      see('span')({ name, attributes, events, status, links, resource: resource.attributes });
    }
    for (const raw of receiver.raw) see('event')(raw);

    expect(wire.accessTokens.size).toBeGreaterThan(0);
    expect(wire.guestTokens.size).toBeGreaterThan(0);
    const secrets = new Map<string, string>(Object.entries(SECRETS).map(([name, secret]) => [secret, name]));
    for (const token of wire.accessTokens) secrets.set(token, 'access token');
    const own = new Map(secrets);
    for (const token of wire.guestTokens) secrets.set(token, 'guest token');

    const places = new Set(seen.map(({ where }) => where));
    for (const where of [
      'log error',
      'log debug',
      "on('failed')",
      'error',
      'event',
      'span',
      'metrics',
      'audit sink',
      'Redis',
      'ConfigurationError',
    ]) {
      expect(places).toContain(where);
    }
    const leaks = seen.flatMap(({ where, text }) =>
      leaksIn(text, secrets).map((name) => `${name} in ${where}: ${text.slice(0, 2_000)}`),
    );
    expect(leaks).toEqual([]);

    // A page gets its own token and its member's attributes back, in their fields and nowhere else.
    own.delete(SECRETS.attribute);
    let tokensSeen = 0;
    for (const { body, headers } of answers) {
      expect(leaksIn(headers, secrets)).toEqual([]);
      expect(leaksIn(body, own)).toEqual([]);
      if (!body.startsWith('{')) continue;
      const { guestToken, attributes, ...rest } = JSON.parse(body);
      if (guestToken !== undefined) tokensSeen += 1;
      expect(leaksIn(JSON.stringify(rest), secrets)).toEqual([]);
    }
    expect(tokensSeen).toBeGreaterThan(0);
  });
});
