// What instances know of each other, once a minute and not more: how they are set up, which webchats there are, and whom
// the site has erased.
import { randomBytes } from 'node:crypto';
import { keyId } from '../lib/derive-key.ts';
import { createEncryption, type Encryption } from '../lib/encryption.ts';
import { version } from '../lib/version.ts';
import type { Failing } from '../observe/ports.ts';
import { StoreUnavailable } from '../store/ports.ts';
import { numbers, type RedisBase } from './base.ts';
import { NOW, TAKE_OUT } from './scripts.ts';

/** Milliseconds. */
const MINUTE = 60_000;
const ALIVE = 2.5 * MINUTE;
const ERASED_FOR = 1_440 * MINUTE;
const WEBCHAT_FOR = 400 * ERASED_FOR;

/**
 * KEYS: instances, webchats, erased. ARGV: this one, since when erasures are asked for, then for each webchat a name and
 * the encrypted id.
 * @returns since when to ask the next time; the instances (at most 1,000); whom to erase (at most 1,000: the rest next time)
 */
const BEAT = `${NOW}
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ${ALIVE})
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${ALIVE})
for i = 3, #ARGV, 2 do
  if redis.call('HLEN', KEYS[2]) < 1000 then redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
  redis.call('PEXPIRE', KEYS[2], ${WEBCHAT_FOR})
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ${ERASED_FOR})
local found = redis.call('ZRANGE', KEYS[3], ARGV[2], '+inf', 'BYSCORE', 'LIMIT', 0, 1000, 'WITHSCORES')
local erased = {}
for i = 1, #found, 2 do table.insert(erased, found[i]) end
return {#erased < 1000 and now or found[#found], redis.call('ZRANGE', KEYS[1], 0, 999), erased}
`;

/** KEYS: webchats, erased. ARGV: whom. @returns all webchats */
const ERASE = `${NOW}
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('PEXPIRE', KEYS[2], ${ERASED_FOR})
return redis.call('HVALS', KEYS[1])
`;

export class Instances {
  readonly #base: RedisBase;
  readonly #encryption: Encryption;
  readonly #onErased: (externalId: string) => void;
  readonly #keys: { readonly instances: string; readonly webchats: string; readonly erased: string };
  readonly #self: string;
  readonly #webchats = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  /** Those of the last two minutes. */
  count = 1;
  /** How instances differ that should be alike. */
  failing: readonly Failing[] = [];
  #since = 0;

  /** @param onErased another instance was told to erase this guest */
  constructor(base: RedisBase, onErased: (externalId: string) => void) {
    const { names, upstream, secrets } = base;
    const key = (kind: string): string => names.key(kind, '{instances}');
    this.#base = base;
    this.#encryption = createEncryption(secrets, 'store-guest-token');
    this.#onErased = onErased;
    this.#keys = { instances: key('instances'), webchats: key('webchats'), erased: key('erased') };
    const secretsId = secrets.map((secret) => keyId(secret, 'store-name')).join();
    this.#self = `${randomBytes(9).toString('base64url')} ${version} ${upstream.perMinute} ${secretsId}`;
    this.#timer = setInterval(() => void this.catchUp(), MINUTE);
    this.#timer.unref();
  }

  /** A token is issued for this webchat: whoever is erased is erased there, too. */
  sawWebchat(webchatId: string): void {
    if (this.#webchats.has(webchatId)) return;
    this.#webchats.add(webchatId);
    void this.catchUp();
  }

  /** Every instance forgets this guest within a minute. @returns all webchats there are @throws StoreUnavailable, also where none can be read */
  async erase(externalId: string): Promise<readonly string[]> {
    const { webchats, erased } = this.#keys;
    const whom = this.#encryption.encrypt(externalId, erased);
    const reply = strings(await this.#base.commands.run(ERASE, [webchats, erased], [whom]));
    const known = this.#decrypt(reply, webchats);
    if (reply.length > 0 && known.length === 0) throw new StoreUnavailable('written with other secrets');
    return [...this.#webchats, ...known];
  }

  /** Who has left has no part of the budget, and differs from nobody. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#base.commands.run(TAKE_OUT, [this.#keys.instances], [this.#self]).catch(() => {});
  }

  /** Once a minute, and where there is news: says what is known here, and hears of the others. */
  async catchUp(): Promise<void> {
    const { instances, webchats, erased } = this.#keys;
    const { names } = this.#base;
    const seen = [...this.#webchats].flatMap((webchatId) => [
      names.of(webchatId)[0] as string,
      this.#encryption.encrypt(webchatId, webchats),
    ]);
    const args = [this.#self, this.#since, ...seen];
    const beating = this.#base.commands.run(BEAT, [instances, webchats, erased], args);
    const reply = await beating.catch(() => undefined);
    if (!Array.isArray(reply)) return;
    this.#compare(strings(reply[1]));
    for (const externalId of this.#decrypt(reply[2], erased)) this.#onErased(externalId);
    this.#since = numbers(reply[0])[0] ?? 0;
  }

  /** Warns once of what is different. */
  #compare(instances: readonly string[]): void {
    const { log, now } = this.#base;
    this.count = Math.max(1, instances.length);
    this.failing = differences(instances).map((reason) => {
      const known = this.failing.find((failing) => failing.reason === reason);
      if (!known) log('warn', reason);
      return known ?? { what: 'instances', reason, since: now() };
    });
  }

  #decrypt(reply: unknown, at: string): string[] {
    return strings(reply).flatMap((text) => this.#encryption.decrypt(text, at) ?? []);
  }
}

/** An instance: an id, its version, `perMinute` and the ids of its secrets. */
const INSTANCE = /^\S+ ([\w.+-]{1,99}) (\d+) ([\w,-]+)$/;

const differences = (instances: readonly string[]): string[] => {
  const known = instances.map((text) => INSTANCE.exec(text) ?? ['', 'unknown']);
  const [versions = [], limits = [], secrets = []] = [1, 2, 3].map((at) => [
    ...new Set(known.flatMap((instance) => instance[at] ?? [])),
  ]);
  const [first = [], ...others] = secrets.map((ids) => ids.split(','));
  const apart = others.some((ids) => !ids.some((id) => first.includes(id)));
  return [
    versions.length > 1 &&
      `Instances of several versions share this Redis: ${versions.sort().join(', ')}. What a newer one writes in a form of its own is left alone`,
    limits.length > 1 &&
      `Instances differ in upstream.perMinute: ${limits.sort().join(', ')}. The budget holds where all have the same`,
    apart &&
      "Instances have no secret in common: they cannot read each other's tokens, and cookies are good at one of them alone",
  ].filter((text) => typeof text === 'string');
};

const strings = (value: unknown): string[] =>
  (Array.isArray(value) ? value : []).filter((text) => typeof text === 'string');
