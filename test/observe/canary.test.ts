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
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../../packages/server/src/testing/redis.ts';
import { CALLS, FAULTS, leaksIn, SECRETS } from './canaries.ts';
import { kept } from './kept.ts';
import { type Outside, watchOutside } from './outside.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { startWire, type Wire } from './wire.ts';

describeWithRedis('no secret leaves', () => {
  let outside: Outside;
  let redis: RedisServer;
  let receiver: Receiver;
  let emulator: Emulator;
  let wire: Wire;
  let options: GenesysGuestOptions;
  const identity = { externalId: 'the-member', attributes: { note: SECRETS.attribute } };
  const answers: { readonly body: string; readonly headers: string }[] = [];
  beforeAll(async () => {
    outside = watchOutside();
    const { see, logger } = outside;
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
    outside?.stop();
    await emulator?.close();
    await wire?.[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  const redisUrl = () => redis.url.replace('redis://', `redis://site:${SECRETS.redisPassword}@`);
  const store = () => redisStore({ url: redisUrl() });

  /** A whole site for one fault: a member and a newcomer ask over HTTP, and the site's own code asks without. */
  const visit = async (prepare: () => void, who: 'everyone' | 'member' = 'everyone'): Promise<void> => {
    const { see } = outside;
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

  it('while all is well, and in each fault of the platform', { timeout: 300_000 }, async () => {
    const { see } = outside;
    await visit(() => {});
    await visit(() => {});
    see('Redis')(await kept(redis));
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
    see('Redis')(await kept(redis));
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
    for (const raw of receiver.raw) outside.see('event')(raw);

    expect(wire.accessTokens.size).toBeGreaterThan(0);
    expect(wire.guestTokens.size).toBeGreaterThan(0);
    const secrets = new Map<string, string>(Object.entries(SECRETS).map(([name, secret]) => [secret, name]));
    for (const token of wire.accessTokens) secrets.set(token, 'access token');
    const own = new Map(secrets);
    for (const token of wire.guestTokens) secrets.set(token, 'guest token');

    const places = await outside.places();
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
    expect(outside.leaks(secrets)).toEqual([]);

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
