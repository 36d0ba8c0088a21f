// The states in which an operator may find a site, each caused for real, and what is seen of it where.
import { type Emulator, startEmulator } from '@genesys-guest/emulator';
import type { GenesysGuestOptions } from '@genesys-guest/server';
import { redisStore } from '@genesys-guest/server/redis';
import { onTestFinished } from 'vitest';
import { type RedisServer, startTestRedis } from '../../packages/server/src/testing/redis.ts';
import { startCluster } from '../../packages/server/src/testing/redis-topologies.ts';
import { NEXT_SECRET } from '../redis/instances.ts';
import type { startOperated } from './operator.ts';

type Operated = ReturnType<typeof startOperated>;
type Options = Partial<GenesysGuestOptions<Request>>;

export interface Scene {
  readonly emulator: Emulator;
  /** What the site is given beside the emulator. */
  readonly options: Options;
  /** What happens once it runs. */
  readonly happens?: (site: Operated) => Promise<void>;
  /** How the doctor is asked. */
  readonly doctor?: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> };
}

export interface State {
  readonly state: string;
  readonly scene: () => Promise<Scene>;
  /** `what: why` of the oldest failing thing; nothing fails where it is absent. */
  readonly health?: RegExp;
  /** The first line that warns; none where it is absent. */
  readonly log?: RegExp;
  /** A series that shows it, with its value. */
  readonly metric: RegExp;
  readonly alerts: readonly string[];
  /** The doctor's first finding; it finds nothing where this is absent. */
  readonly doctor?: RegExp;
}

const platform = async (options: Parameters<typeof startEmulator>[0] = {}): Promise<Emulator> => {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
};

const onRedis = async (url: string): Promise<Scene> => ({
  emulator: await platform(),
  options: { store: redisStore({ url }) },
  doctor: { args: ['--redis', 'env:REDIS_URL'], env: { REDIS_URL: url } },
});

/** @param breaks what is done to Redis before the site starts @param user in the URL */
const broken =
  (breaks: (redis: RedisServer) => Promise<unknown>, user = '', flags: string[] = []) =>
  async () => {
    const redis = await startTestRedis(...flags);
    await breaks(redis);
    return onRedis(redis.url.replace('//', `//${user}`));
  };

const cluster = async (): Promise<Scene> => {
  const topology = await startCluster();
  onTestFinished(() => topology[Symbol.asyncDispose]());
  return onRedis(`redis://127.0.0.1:${topology.ports[0]}`);
};

const refusing = async (call: 'oauthToken' | 'guestTokens', status: number, more = {}): Promise<Scene> => {
  const emulator = await platform(more);
  emulator.fault({ call, fault: 'status', status, times: 'always' });
  return { emulator, options: {}, doctor: { args: ['--issue'] } };
};

const crowd = async ({ visit }: Operated, visitors: number, address: (i: number) => string) => {
  await Promise.all(Array.from({ length: visitors }, (_, i) => visit(address(i))));
};
const apart = (i: number) => `198.51.${i % 100}.${i}`;

const down = async (): Promise<Scene> => {
  const emulator = await startEmulator();
  await emulator.close();
  const happens = async ({ visit, guest }: Operated) => {
    for (let i = 0; guest.health().breaker !== 'open'; i += 1) await visit(apart(i));
  };
  return { emulator, options: { upstream: { timeout: 200, deadline: 400 } }, happens };
};

const differing = async (): Promise<Scene> => {
  const scene = await broken(async () => {})();
  const { startOperated } = await import('./operator.ts');
  const other = startOperated(scene.emulator, { ...scene.options, secrets: [NEXT_SECRET] });
  while (other.guest.health().store !== 'connected') await new Promise((resolve) => setTimeout(resolve, 20));
  return { ...scene, doctor: {} };
};

const RIGHTS =
  '+hello +eval +mget +exists +set +del +pttl +pexpire +time +zcard +zrange +zrem +zremrangebyscore +zremrangebyrank +hset +hlen +hvals +info +ping';
const ALL_BUT_ZADD = RIGHTS.split(' ');
const AWAY = { metric: /store_state\{.*\} 1/, alerts: ['SharedStoreAway'] };
const REJECTED = {
  metric: /tokens_failed_total\{.*upstream_rejected.*\} [1-9]/,
  alerts: ['AnswersWithoutToken', 'GuestTokensRefused'],
};
/** Three days: longer than a token lives. */ const AHEAD = { now: () => Date.now() + 3 * 86_400_000 };
const FULL = new Error('full');
const silent = async () => ({ emulator: await platform(), options: {} });

export const STATES: readonly State[] = [
  {
    state: 'a good day',
    scene: broken(async () => {}),
    metric: /answers_total\{.*"token".*\} 1/,
    alerts: [],
  },
  {
    state: 'Redis is away',
    scene: broken((redis) => redis.kill()),
    health: /store: Redis: ECONNREFUSED/,
    log: /Redis is unavailable.*: ECONNREFUSED/,
    ...AWAY,
    doctor: /refuses connections/,
  },
  {
    state: 'Redis, wrong password',
    scene: broken((redis) => redis.command('CONFIG', 'SET', 'requirepass', 'right'), ':wrong@'),
    health: /store: Redis: WRONGPASS/,
    log: /Redis is unavailable.*: WRONGPASS/,
    ...AWAY,
    doctor: /does not take the user name or the password/,
  },
  {
    state: 'Redis, a right is missing',
    scene: broken(
      (redis) => redis.command('ACL', 'SETUSER', 'guest', 'on', '>password', '~*', '-@all', ...ALL_BUT_ZADD),
      'guest:password@',
    ),
    health: /store: Redis: NOPERM zadd/,
    log: /Redis is unavailable.*: NOPERM zadd/,
    ...AWAY,
    doctor: /does not let this user do what is needed: zadd/,
  },
  {
    state: 'Redis, a node of a cluster',
    scene: cluster,
    health: /store: Redis: MOVED/,
    log: /Redis is unavailable.*: MOVED/,
    ...AWAY,
    doctor: /is a node of a cluster/,
  },
  {
    state: 'Redis, read-only',
    scene: broken((redis) => redis.command('REPLICAOF', '127.0.0.1', '9')),
    health: /store: Redis: READONLY/,
    log: /Redis is unavailable.*: READONLY/,
    ...AWAY,
    doctor: /is a replica/,
  },
  {
    state: 'Redis, full',
    scene: broken((redis) => redis.command('CONFIG', 'SET', 'maxmemory', '1')),
    health: /store: Redis: OOM/,
    log: /Redis is unavailable.*: OOM/,
    ...AWAY,
    doctor: /is full/,
  },
  {
    state: 'instances without a common secret',
    scene: differing,
    health: /instances: Instances have no secret in common/,
    log: /Instances have no secret in common/,
    metric: /differences\{.*\} 1/,
    alerts: ['InstancesDiffer'],
  },
  {
    state: 'OAuth does not take the client',
    scene: () => refusing('oauthToken', 401),
    health: /oauth: HTTP 401/,
    log: /OAuth call failed. HTTP 401/,
    ...REJECTED,
    doctor: /OAuth does not take this client/,
  },
  {
    state: 'the permission is missing',
    scene: () => refusing('guestTokens', 403),
    health: /guest-tokens: HTTP 403/,
    log: /guest-token call failed. HTTP 403/,
    ...REJECTED,
    doctor: /./,
  },
  {
    state: 'the clock is three days behind',
    scene: async () => ({ emulator: await platform(AHEAD), options: {} }),
    metric: /tokens_issued_total\{.*\} 1/,
    alerts: [],
    doctor: /clock is .* behind/,
  },
  {
    state: 'the clock is behind, and calls are refused',
    scene: () => refusing('guestTokens', 400, AHEAD),
    health: /guest-tokens: HTTP 400/,
    log: /The clock of this machine is \d{6} s behind/,
    ...REJECTED,
    doctor: /clock is .* behind/,
  },
  {
    state: 'Genesys Cloud is down',
    scene: down,
    health: /oauth: network: .* refuses connections/,
    log: /OAuth call failed. network/,
    metric: /breaker_state\{.*\} 2/,
    alerts: ['AnswersWithoutToken', 'GenesysCloudDown'],
    doctor: /./,
  },
  {
    state: 'more newcomers than calls',
    scene: async () => ({
      ...(await silent()),
      options: { upstream: { perMinute: 20, deadline: 500 } },
      happens: (site) => crowd(site, 40, apart),
    }),
    health: /budget: The limit of calls/,
    log: /The limit of calls to Genesys Cloud is reached/,
    metric: /tokens_failed_total\{.*upstream_limited.*\} [1-9]/,
    alerts: ['AnswersWithoutToken', 'NewcomersOverBudget'],
  },
  {
    state: 'one address, many guests',
    scene: async () => ({ ...(await silent()), happens: (site) => crowd(site, 60, () => '198.51.100.7') }),
    metric: /refused_total\{.*too_many_guests.*\} [1-9]/,
    alerts: ['TooManyGuests'],
  },
  {
    state: 'tokens are slow',
    scene: async () => {
      const emulator = await platform();
      emulator.fault({ call: 'guestTokens', fault: 'delay', ms: 5_500, times: 'always' });
      const happens = async ({ visit, guest }: Operated) => {
        await visit('198.51.100.7');
        while (guest.tokens.telemetry().issued === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      };
      return { emulator, options: { patience: 9_000, upstream: { timeout: 10_000 } }, happens };
    },
    metric: /issuing_duration_bucket\{.*le="5"\} 0/,
    alerts: ['GuestTokensSlow'],
  },
  {
    state: 'the audit sink takes nothing',
    scene: async () => ({ ...(await silent()), options: { audit: { sink: () => Promise.reject(FULL) } } }),
    log: /audit/i,
    metric: /audit_dropped_total\{.*\} [1-9]/,
    alerts: ['GuestEventsLost'],
  },
];
