// For tests: a core on an emulator over real sockets, with a clock that the test sets.

import { type Region, resolveRegion } from '@genesys-guest/common';
import { startEmulator } from '@genesys-guest/emulator';
import { onTestFinished } from 'vitest';
import { silentLog } from '../observe/log.ts';
import type { TokenSettings } from '../options/settings.ts';
import { memoryStore } from '../store/memory-store.ts';
import { createCore } from '../tokens/create-core.ts';

export const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';

const unused = 'http://127.0.0.1:9';

export const testSettings = (overrides: Partial<TokenSettings> = {}): TokenSettings => ({
  region: resolveRegion('eu-west-1') as Region,
  webchatId: WEBCHAT,
  source: 'guest-tokens',
  clientId: 'emulator-client',
  clientSecret: () => 'emulator-secret',
  endpoints: { oauthToken: unused, guestTokens: unused, bootstrap: unused },
  tokenLifetime: 86_400,
  renewBefore: 300,
  upstream: { perMinute: 300, concurrency: 32, maxQueue: 1_000, timeout: 5_000, deadline: 15_000 },
  store: memoryStore(),
  secrets: [],
  onInvalidate: undefined,
  audit: { key: 'a key of the audit', sink: undefined, pseudonymize: false, instance: 'test' },
  events: undefined,
  log: silentLog,
  ...overrides,
});

type EmulatorOptions = NonNullable<Parameters<typeof startEmulator>[0]>;

/** A core and the platform that it talks to; both end with the test. */
export const startRig = async (
  overrides: Partial<TokenSettings> = {},
  emulatorOptions: EmulatorOptions = {},
) => {
  const clock = { ahead: 0 };
  const now = () => Date.now() + clock.ahead;
  const emulator = await startEmulator({ now, ...emulatorOptions });
  const core = createCore(testSettings({ endpoints: emulator.endpoints, ...overrides }), {
    now,
    random: () => 0,
  });
  onTestFinished(async () => {
    await core.close();
    await emulator.close();
  });
  return {
    emulator,
    core,
    /** Lets time pass, for the core and for the platform. */
    pass: (seconds: number) => {
      clock.ahead += seconds * 1_000;
    },
  };
};
