// For tests: guest tokens on an emulator over real sockets, with a clock that the test sets.
import { type Region, resolveRegion } from '@genesys-guest/common';
import { startEmulator } from '@genesys-guest/emulator';
import { onTestFinished } from 'vitest';
import { compose } from '../compose.ts';
import { silentLog } from '../observe/log.ts';
import type { ObserveOptions } from '../observe/observer.ts';
import type { ResolvedTokenOptions, StoreFactory } from '../options/resolved-options.ts';
import { memoryStore } from '../store/memory-store.ts';
import type { TokenOptions } from '../tokens/ports.ts';
import type { UpstreamOptions } from '../upstream/ports.ts';

export const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';

const unused = 'http://127.0.0.1:9';

/** Options of every room by their own names, as tests set them. */
export type Overrides = Partial<TokenOptions & UpstreamOptions & ObserveOptions> & {
  readonly store?: StoreFactory;
  readonly secrets?: readonly string[];
};

export const testOptions = (overrides: Overrides = {}): ResolvedTokenOptions => {
  const region = overrides.region ?? (resolveRegion('eu-west-1') as Region);
  return {
    ...{ region, webchatId: WEBCHAT, source: 'guest-tokens', bootstrap: unused },
    ...{ endpoints: { oauthToken: unused, guestTokens: unused }, tokenLifetime: 86_400, renewBefore: 300 },
    ...{ clientId: 'emulator-client', clientSecret: () => 'emulator-secret' },
    ...{ perMinute: 300, concurrency: 32, maxQueue: 1_000, timeout: 5_000, deadline: 15_000 },
    audit: { key: 'a key of the audit', sink: undefined, pseudonymize: false, instance: 'test' },
    ...{ events: undefined, onInvalidate: undefined, log: silentLog },
    ...{ cookieless: overrides.source === 'none', development: false, store: memoryStore(), secrets: [] },
    ...overrides,
  };
};

type EmulatorOptions = NonNullable<Parameters<typeof startEmulator>[0]>;

/** Guest tokens and the platform that they talk to; both end with the test. */
export const startRig = async (overrides: Overrides = {}, emulatorOptions: EmulatorOptions = {}) => {
  const clock = { ahead: 0 };
  const now = () => Date.now() + clock.ahead;
  const emulator = await startEmulator({ now, ...emulatorOptions });
  const options = testOptions({ endpoints: emulator.endpoints, ...overrides });
  const { service, observer, counter, store } = compose(options, { now, random: () => 0 });
  onTestFinished(async () => {
    await service.close();
    await emulator.close();
  });
  return {
    emulator,
    service,
    observer,
    options,
    counter,
    store,
    /** Lets time pass, for the tokens and for the platform. */
    pass: (seconds: number) => {
      clock.ahead += seconds * 1_000;
    },
  };
};
