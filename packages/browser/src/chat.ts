// The chat of a session: loads Messenger, says when it can be used or why it cannot, opens it, and tells the agent who it is.
import type { Attributes, MessengerSettings } from '@genesys-guest/common';
import { putAttributes } from './database.ts';
import type { GuestError, GuestErrorCode } from './errors.ts';
import { emit } from './events.ts';
import type { GenesysConfiguration } from './genesys.ts';
import { command, connect, type Messenger, type MessengerEvent } from './messenger.ts';
import type { Page } from './page.ts';
import type { BootOptions } from './types.ts';

/** Default of `readyTimeout`, ms. */
const READY_TIMEOUT = 15_000;
/** Ms that `open` waits for a window, once Messenger is alive. */
const WINDOW_LIMIT = 10_000;
/** Ms in which an event follows the command that caused it. */
const SOON = 500;
/** Ms between two looks at what no promise tells. */
const LOOK = 50;

/** Waits for what no promise tells, `ms` at most. */
const until = async (test: () => unknown, ms: number): Promise<unknown> => {
  for (let left = ms; left > 0 && !test(); left -= LOOK) await new Promise((done) => setTimeout(done, LOOK));
  return test();
};

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
}

/**
 * @param signal ends the chat; Messenger stays
 * @param onUsable the launcher can be used: also when that comes after all, later than `readyTimeout`
 * @param onVisible Messenger's own launcher can be seen
 * @param fail tells an error, and makes one to throw
 */
export const createChat = (
  options: BootOptions,
  page: Page,
  signal: AbortSignal,
  onUsable: () => void,
  onVisible: () => void,
  fail: (code: GuestErrorCode) => GuestError,
): Chat => {
  const ownLauncher = options.launcher !== 'none';
  let settings: MessengerSettings | undefined;
  let messenger: Messenger | undefined;
  let loading: Promise<void> | undefined;
  let wanted = false;
  let usable = false;
  let visible = false;
  let problem: GuestErrorCode | undefined;
  let attributes: Attributes = {};
  let written: string | undefined;
  let writing = Promise.resolve();

  const seen = (event: MessengerEvent) => messenger?.seen[event];
  const isOpen = () => seen('Messenger.opened');
  const isDone = () => usable || signal.aborted;

  /** Does the page run another deployment? It does not where nothing says so. */
  const conflicts = (other: { readonly deploymentId?: string } | undefined) => {
    const ours = settings?.deploymentId;
    if ((other?.deploymentId ?? ours) !== ours) problem = 'messenger_conflict';
    return problem;
  };

  const use = () => {
    if (problem) return;
    usable = true;
    onUsable();
  };

  /** One after the other; what changes while one is under way is taken along by the next. */
  const write = () => {
    writing = writing
      .then(async () => {
        const text = JSON.stringify(attributes);
        if (text === written || !seen('Database.ready')) return;
        written = text;
        if (!(await putAttributes(messenger as Messenger, attributes))) fail('attributes_too_large');
      })
      .catch(() => {
        written = undefined;
        fail('messenger_timeout');
      });
  };

  /** What each event means to us. */
  const meanings: Record<MessengerEvent, (data: unknown) => void> = {
    blocked() {
      problem = 'messenger_blocked';
    },
    'GenesysJS.domainNotAllowed'() {
      problem = 'domain_not_allowed';
    },
    'GenesysJS.configurationReceived'(data) {
      const { deploymentConfig: config, snippetConfig } = data as GenesysConfiguration;
      visible = config?.messenger?.launcherButton?.visibility === 'On';
      if (conflicts(snippetConfig)) return;
      if ((config?.status ?? 'Active') !== 'Active') problem = 'deployment_inactive';
      else if (ownLauncher && config?.headlessMode?.enabled) problem = 'messenger_headless';
    },
    'Database.ready': write,
    'MessagingService.ready'() {
      if (!ownLauncher) use();
    },
    'Messenger.ready'() {
      use();
      if (visible) onVisible();
      else if (ownLauncher) command('Launcher.show').then(onVisible, () => {});
    },
    'Launcher.visible': onVisible,
    'Messenger.opened': () => emit('opened'),
    'Messenger.closed': () => emit('closed'),
  };

  const attach = () => {
    if (!settings || !wanted || conflicts(page.messenger?.settings ?? window.Genesys?.c)) return;
    page.messenger ??= connect(settings, Object.keys(meanings));
    messenger = page.messenger;
    messenger.load(options.nonce);
    messenger.listener = (event, data) => meanings[event]?.(data);
    for (const [event, data] of Object.entries(messenger.seen)) {
      messenger.listener(event as MessengerEvent, data);
    }
  };

  const attempt = async (): Promise<void> => {
    wanted = true;
    problem = undefined;
    attach();
    await until(() => isDone() || problem, options.readyTimeout ?? READY_TIMEOUT);
    loading = undefined;
    if (isDone()) return;
    const silence = seen('MessagingService.ready') ? 'messenger_headless' : 'messenger_timeout';
    throw fail(problem ?? (messenger ? silence : 'config_failed'));
  };

  const load = async (): Promise<void> => {
    if (page.cleared) throw fail('messenger_cleared');
    loading ??= attempt();
    return loading;
  };

  signal.addEventListener('abort', () => {
    if (messenger) delete messenger.listener;
  });

  return {
    load,
    use(known) {
      settings ??= known;
      if (!messenger) attach();
    },
    async open() {
      await load();
      if (!(await until(() => seen('Messenger.ready'), WINDOW_LIMIT))) throw fail('messenger_headless');
      if (isOpen()) return;
      // A refusal may mean that somebody else was faster: then it is open, and the event is on its way.
      await command('Messenger.open').catch(() => {});
      if (!(await until(isOpen, SOON))) throw fail('messenger_timeout');
    },
    async close() {
      if (isOpen()) await command('Messenger.close');
    },
    put(wish) {
      attributes = wish;
      write();
    },
    async clear() {
      if (!messenger) return;
      attributes = {};
      write();
      await writing;
      page.cleared = true;
      await command('Messenger.clear').catch(() => {});
    },
  };
};
