// The plugins `Messenger`, `Launcher` and `Conversations`: the button, the window, and the commands that move them.
import type { Bus, CommandEvent, Plugin } from './bus.ts';
import { createChatWindow } from './chat-window.ts';
import type { DeploymentConfig } from './deployment.ts';
import { createLauncher } from './launcher.ts';
import type { Messaging } from './messaging.ts';
import type { Storage } from './storage.ts';

/** Whether the window is open, for the next page; called as Messenger calls it. */
const OPEN = 'gcmcopn';
const DEFAULT_COLOR = '#2454d6';

export interface MessengerParts {
  readonly bus: Bus;
  readonly config: DeploymentConfig;
  readonly messaging: Messaging;
  readonly storage: Storage;
  /** Ends everything else when Messenger is cleared, by this tab or by another. */
  readonly onClear: (byThisTab: boolean) => void;
}

export interface MessengerUi {
  ready(): void;
  /** Another tab has cleared everything. */
  cleared(): void;
}

export const registerMessenger = (parts: MessengerParts): MessengerUi => {
  const plugin = parts.bus.plugin('Messenger');
  return parts.config.headlessMode?.enabled ? headless(plugin, parts) : visible(plugin, parts);
};

/** Registers `Messenger.clear`; what it returns is for a clear by another tab. */
const registerClear = (plugin: Plugin, end: (byThisTab: boolean) => void) => {
  const clear = (byThisTab: boolean) => {
    end(byThisTab);
    plugin.publish('cleared');
  };
  plugin.registerCommand('clear', (event) => {
    clear(true);
    event.resolve();
  });
  return () => clear(false);
};

const headless = (plugin: Plugin, { bus, onClear }: MessengerParts): MessengerUi => {
  for (const command of ['open', 'close', 'openConversation']) {
    plugin.registerCommand(command, (event) => event.reject('Messenger is in headless mode'));
  }
  return {
    cleared: registerClear(plugin, onClear),
    // No `Messenger.ready` and no launcher: what waits for them is refused.
    ready: () => ['Messenger', 'Launcher', 'Conversations'].forEach(bus.accept),
  };
};

const visible = (
  plugin: Plugin,
  { bus, config, messaging, storage, onClear }: MessengerParts,
): MessengerUi => {
  const launcherPlugin = bus.plugin('Launcher');
  const conversations = bus.plugin('Conversations');
  const color = config.messenger.styles?.primaryColor ?? DEFAULT_COLOR;
  const visibility = config.messenger.launcherButton?.visibility ?? 'On';
  const onDemand = () => visibility === 'OnDemand';
  let opened = false;

  const launcher = createLauncher(color, () => (opened ? close() : open()));
  const look = {
    color,
    canClear: config.messenger.apps?.conversations?.conversationClear?.enabled !== false,
    members: config.auth?.enabled === true,
  };
  const chat = createChatWindow(look, {
    send: messaging.send,
    minimize: () => close(),
    clear: messaging.clearConversation,
    reset: messaging.resetConversation,
    stepUp: messaging.stepUpConversation,
  });
  const move = (to: boolean) => {
    opened = to;
    storage.write(OPEN, to);
    launcher.opened(to);
    plugin.publish(to ? 'opened' : 'closed');
    conversations.publish(to ? 'opened' : 'closed');
  };
  const open = () => {
    if (onDemand()) launcher.show();
    chat.open();
    move(true);
    messaging.opened();
  };
  const close = () => {
    chat.close();
    move(false);
  };

  const register = (to: Plugin, name: string, possible: () => boolean, work: () => void, otherwise: string) =>
    to.registerCommand(name, (event: CommandEvent) => {
      if (!possible()) return event.reject(otherwise);
      work();
      event.resolve();
    });
  const openOnce = () => {
    if (!opened) open();
  };
  const notOnDemand = 'The launcher of this deployment is not shown on demand';
  register(plugin, 'open', () => !opened, open, 'Messenger is already opened');
  register(plugin, 'close', () => opened, close, 'Messenger is already closed');
  register(plugin, 'openConversation', () => true, openOnce, '');
  register(launcherPlugin, 'show', onDemand, launcher.show, notOnDemand);
  register(launcherPlugin, 'hide', onDemand, launcher.hide, notOnDemand);
  bus.subscribe('Conversations', 'MessagingService.started', () => conversations.publish('started'));

  return {
    cleared: registerClear(plugin, (byThisTab) => {
      launcher.remove();
      chat.remove();
      onClear(byThisTab);
    }),
    ready() {
      messaging.show(chat);
      if (visibility === 'On') launcher.show();
      for (const each of [plugin, launcherPlugin, conversations]) each.ready();
      if (messaging.active && storage.read<boolean>(OPEN) === true) open();
    },
  };
};
