// Starts what a deployment has: its services one after the other, as their scripts would come in, and its looks.
import { registerAuth } from './auth.ts';
import type { Bus } from './bus.ts';
import { registerDatabase } from './database.ts';
import type { DeploymentConfig } from './deployment.ts';
import { registerMessaging } from './messaging.ts';
import { registerMessenger } from './messenger.ts';
import { createStorage } from './storage.ts';
import { createTokenCalls } from './token-calls.ts';
import { createPageTokens, createPlatformTokens } from './tokens.ts';

/** Plugins whose commands wait for them. */
export const PRODUCTS = [
  'Database',
  'Auth',
  'MessagingService',
  'Messenger',
  'Launcher',
  'Conversations',
] as const;

/** Milliseconds between one service and the next. */
const STEP = 20;
const CLEARED = 'Messenger was cleared; reload the page to use it again';

/** `origin` is where the script came from. */
export const startProducts = (bus: Bus, origin: string, config: DeploymentConfig): void => {
  const storage = createStorage(config.id);
  const database = registerDatabase(bus);
  const enabled = config.auth?.enabled === true;
  const store =
    enabled && config.emulator?.tokensIn === 'platform'
      ? createPlatformTokens(origin, config.id)
      : createPageTokens(storage);
  const auth = registerAuth({
    bus,
    enabled,
    upgradable: config.auth?.allowSessionUpgrade === true,
    store,
    calls: createTokenCalls(config.apiEndpoint ?? origin, config.id),
  });
  const messaging = registerMessaging({ bus, origin, config, storage, auth, database });
  const onClear = (byThisTab: boolean) => {
    if (byThisTab) {
      store.clear();
      storage.wipe();
    }
    messaging.sessionCleared();
    bus.refuse(PRODUCTS, CLEARED);
  };
  const messenger = registerMessenger({ bus, config, messaging, storage, onClear });
  storage.onWipe(messenger.cleared);
  store.loaded.then(() => {
    [database.ready, auth.ready, messaging.ready, messenger.ready].forEach((ready, i) => {
      setTimeout(ready, STEP * (i + 1));
    });
  });
};
