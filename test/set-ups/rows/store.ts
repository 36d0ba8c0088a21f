// The shared store, and sites of several instances.
import type { SetUp } from '../set-up.ts';
import { LOST } from './visitors.ts';

/** How each shows: the log's line, whose words are the doctor's, too. */
const SAYS = {
  'Redis at a wrong port': 'refuses connections: nobody listens on this port',
  'a rediss:// URL of a Redis without TLS': 'does not take the connection in time',
  'a wrong password of Redis': 'does not take the user name or the password',
  'a user of Redis without the right to what the store does': 'does not let this user do what is needed',
  'one node of a Redis cluster, asked by url (MOVED)':
    'is a node of a cluster, and is asked as if it were the whole',
} as const;

export type RedisFault = keyof typeof SAYS;

export const REDIS_FAULTS = Object.keys(SAYS) as RedisFault[];

/** A site whose store is at this URL, and doctor asked about the same. */
export const withRedis = (broken: RedisFault, url: string): SetUp => ({
  broken,
  code: {
    imports: "import { redisStore } from '@genesys-guest/server/redis';",
    options: `store: redisStore({ url: '${url}' })`,
  },
  where: 'log',
  sees: `"at":"127.0.0.1:<port>","what":"${SAYS[broken]}"`,
  args: ['--redis', url],
  doctor: SAYS[broken],
});

export const INSTANCES: readonly SetUp[] = [
  {
    broken: 'two instances with different secrets',
    second: { GENESYS_GUEST_SECRETS: 'another-cookie-key-0123456789-abcdefg' },
    where: 'log',
    sees: LOST,
    doctor: 'fail: The visitor is recognised 2 times out of 4: instances use different secrets',
  },
  {
    broken: 'two instances with a memory store each',
    second: {},
    where: 'doctor alone',
    sees: '',
    doctor: 'warn: Instances do not share tokens: each issues its own, and counts its own calls',
  },
];
