// Starts what a deployment has: its services one after the other, as their scripts would come in, and its looks.
import type { Bus } from './bus.ts';
import { registerDatabase } from './database.ts';
import type { DeploymentConfig } from './deployment.ts';
import { registerMessaging } from './messaging.ts';
import { registerMessenger } from './messenger.ts';
import { createStorage } from './storage.ts';

/** Plugins whose commands wait for them. */
export const PRODUCTS = ['Database', 'MessagingService', 'Messenger', 'Launcher', 'Conversations'] as const;

/** Milliseconds between one service and the next. */
const STEP = 20;
const CLEARED = 'Messenger was cleared; reload the page to use it again';

export const startProducts = (bus: Bus, config: DeploymentConfig): void => {
  const storage = createStorage(config.id);
  const database = registerDatabase(bus);
  const messaging = registerMessaging(bus, storage, database.facts);
  const onClear = (byThisTab: boolean) => {
    if (byThisTab) storage.wipe();
    messaging.sessionCleared();
    bus.refuse(PRODUCTS, CLEARED);
  };
  const messenger = registerMessenger({ bus, config, messaging, storage, onClear });
  storage.onWipe(messenger.cleared);
  [database.ready, messaging.ready, messenger.ready].forEach((ready, i) => {
    setTimeout(ready, STEP * (i + 1));
  });
};
