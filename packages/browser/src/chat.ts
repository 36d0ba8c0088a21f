// The chat of a session: loads Messenger, says when it can be used or why it cannot, opens it, and tells the agent who it is.
import type { Attributes, MessengerSettings } from '@genesys-guest/common';
import { putAttributes } from './database.ts';
import type { GuestError, GuestErrorCode } from './errors.ts';
import { emit } from './events.ts';
import type { GenesysConfiguration } from './genesys.ts';
import { command, conflicts, connect, type Messenger, type MessengerEvent } from './messenger.ts';
import type { Page } from './page.ts';

/** Ms that `open` waits for a window, once Messenger is alive. */
const WINDOW_LIMIT = 10_000;
/** Ms in which an event follows the command that caused it. */
const SOON = 500;
/** The status of a deployment that can be used. */
const ACTIVE = 'Active';

/** Waits for what no promise tells, `ms` at most. */
const until = async (test: () => unknown, ms: number): Promise<boolean> => {
  for (let left = ms; left > 0 && !test(); left -= 50) await new Promise((done) => setTimeout(done, 50));
  return Boolean(test());
};

export interface ChatOptions {
  readonly page: Page;
  readonly nonce: string | undefined;
  /** Shall Messenger's own launcher be seen? Without it, it is enough that Messenger is alive. */
  readonly showLauncher: boolean;
  /** Ms. */
  readonly readyTimeout: number;
  /** The launcher can be used: also when that comes after all, later than `readyTimeout`. */
  onUsable(): void;
  /** Messenger's own launcher can be seen. */
  onVisible(): void;
  /** Tells an error, and makes one to throw. */
  fail(code: GuestErrorCode): GuestError;
}

export interface Chat {
  /** What Messenger needs, as soon as it is known. */
  use(settings: MessengerSettings): void;
  /** Loads Messenger, or joins the attempt under way; a failed one can be repeated. */
  load(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
  /** What the agent shall see, in place of what we gave before. */
  put(attributes: Attributes): void;
  /** Removes our attributes and everything that Messenger keeps. */
  clear(): Promise<void>;
  /** Another tab has cleared Messenger, and with it ours. */
  wasCleared(): void;
  /** The session ends, Messenger stays. */
  leave(): void;
}

export const createChat = (options: ChatOptions): Chat => {
  const { page, showLauncher, onVisible, fail } = options;
  let settings: MessengerSettings | undefined;
  let messenger: Messenger | undefined;
  let wanted = false;
  let loading: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let resolve: () => void;
  let reject: (error: GuestError) => void;
  let headless: boolean | undefined;
  let alwaysVisible = false;
  let attributes: Attributes = {};
  let written: string | undefined;
  let writing = Promise.resolve();

  const seen = (event: MessengerEvent) => messenger?.seen[event];

  const refuse = (code: GuestErrorCode) => reject(fail(code));

  const usable = () => {
    resolve();
    options.onUsable();
  };

  /** Why a command is not obeyed. */
  const lost = () => (page.cleared ? 'messenger_cleared' : 'messenger_timeout');

  const withoutWindow = () => {
    fail('messenger_headless');
    usable();
  };

  /** One after the other; what changes while one is under way is taken along by the next. */
  const write = () => {
    if (!seen('Database.ready')) return;
    writing = writing
      .then(async () => {
        const text = JSON.stringify(attributes);
        if (!messenger || text === written) return;
        written = text;
        if (!(await putAttributes(messenger, attributes))) fail('attributes_too_large');
      })
      .catch(() => {
        written = undefined;
        fail(lost());
      });
  };

  /** What each event means to us. */
  const meanings: Partial<Record<MessengerEvent, (data: unknown) => void>> = {
    blocked: () => refuse('messenger_blocked'),
    'GenesysJS.domainNotAllowed': () => refuse('domain_not_allowed'),
    'GenesysJS.configurationReceived'(data) {
      const { deploymentConfig: config, snippetConfig } = data as GenesysConfiguration;
      if (conflicts(settings as MessengerSettings, snippetConfig)) refuse('messenger_conflict');
      else if ((config?.status ?? ACTIVE) !== ACTIVE) refuse('deployment_inactive');
      headless = config?.headlessMode?.enabled;
      alwaysVisible = config?.messenger?.launcherButton?.visibility === 'On';
    },
    'Database.ready': write,
    'MessagingService.ready'() {
      if (!showLauncher) usable();
      else if (headless) withoutWindow();
    },
    'Messenger.ready'() {
      usable();
      if (alwaysVisible) onVisible();
      else if (showLauncher) command('Launcher.show').then(onVisible, () => {});
    },
    'Launcher.visible': onVisible,
    'Messenger.opened': () => emit('opened'),
    'Messenger.closed': () => emit('closed'),
  };

  const attach = () => {
    if (!settings || !wanted) return;
    if (conflicts(settings, page.messenger?.settings)) return refuse('messenger_conflict');
    page.messenger ??= connect(settings);
    messenger = page.messenger;
    messenger.load(options.nonce);
    messenger.listener = (event, data) => meanings[event]?.(data);
    for (const [event, happened] of Object.entries(messenger.seen))
      messenger.listener(event as MessengerEvent, happened.data);
  };

  const timeUp = () => {
    if (!messenger) refuse('config_failed');
    else if (conflicts(messenger.settings)) refuse('messenger_conflict');
    else if (seen('MessagingService.ready')) withoutWindow();
    else refuse('messenger_timeout');
  };

  const load = (): Promise<void> => {
    if (page.cleared) return Promise.reject(fail('messenger_cleared'));
    if (loading) return loading;
    timer = setTimeout(timeUp, options.readyTimeout);
    const attempt = new Promise<void>((done, failed) => {
      resolve = () => {
        clearTimeout(timer);
        done();
      };
      reject = (error) => {
        clearTimeout(timer);
        loading = undefined;
        failed(error);
      };
    });
    loading = attempt;
    wanted = true;
    attach();
    return attempt;
  };

  return {
    load,
    use(known) {
      settings ??= known;
      if (!messenger) attach();
    },
    async open() {
      await load();
      if (!(await until(() => seen('Messenger.ready'), headless ? 0 : WINDOW_LIMIT)))
        throw fail('messenger_headless');
      const isOpen = () => seen('Messenger.opened');
      if (isOpen()) return;
      // A refusal may mean that somebody else was faster: then it is open, and the event is on its way.
      await command('Messenger.open').catch(() => {});
      if (!(await until(isOpen, SOON))) throw fail(lost());
    },
    async close() {
      if (seen('Messenger.opened')) await command('Messenger.close');
    },
    put(wanted) {
      attributes = wanted;
      write();
    },
    async clear() {
      if (!seen('MessagingService.ready')) return;
      attributes = {};
      write();
      await writing;
      page.cleared = true;
      await command('Messenger.clear').catch(() => {});
    },
    wasCleared() {
      if (!messenger) return;
      page.cleared = true;
      fail('messenger_cleared');
    },
    leave() {
      clearTimeout(timer);
      if (messenger) messenger.listener = undefined;
    },
  };
};
