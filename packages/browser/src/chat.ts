// The chat of a session: loads Messenger, says when it can be used or why it cannot, opens it, and tells the agent who it is.
import type { Attributes, MessengerSettings } from '@genesys-guest/common';
import { type AttributesWriter, createAttributesWriter } from './attributes.ts';
import type { GuestError, GuestErrorCode } from './errors.ts';
import { emit } from './events.ts';
import type { GenesysConfiguration } from './genesys.ts';
import { keepFrames } from './keep.ts';
import type { Members } from './members/ports.ts';
import { command, connect, type Messenger, type MessengerEvent } from './messenger.ts';
import { own, type Page } from './page.ts';
import type { BootOptions } from './types.ts';

/** Default of `readyTimeout`, ms. */
const READY_TIMEOUT = 15_000;
/** Ms that `open` waits for a window, once Messenger is alive, and then for it to open. */
const WINDOW_LIMIT = 10_000;
/** Ms between two looks at what no promise tells. */
const LOOK = 50;

/** Waits for what no promise tells, `ms` at most. Rejects when the session ends: what it was to do then is not done. */
const until = async (test: () => unknown, ms: number, signal: AbortSignal): Promise<unknown> => {
  for (let left = ms; left > 0 && !test(); left -= LOOK) {
    await new Promise((done) => setTimeout(done, LOOK));
    signal.throwIfAborted();
  }
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
  /** Ends the conversation that goes on; where the deployment does not allow that, removes everything that Messenger keeps. */
  end(): Promise<void>;
  /** Ends the conversation if it can, and removes our attributes and everything that Messenger keeps. */
  clear(): Promise<void>;
}

export interface ChatTools {
  readonly options: BootOptions;
  readonly page: Page;
  /** Ends the chat; Messenger stays. */
  readonly signal: AbortSignal;
  readonly members: Members;
  /** The launcher can be used: also when that comes after all, later than `readyTimeout`. */
  onUsable(): void;
  /** Messenger's own launcher can be seen. */
  onVisible(): void;
  /** The visitor chats. */
  onUsed(): void;
  /** Tells an error, and makes one to throw. */
  fail(code: GuestErrorCode): GuestError;
}

/** What is known of the page's Messenger. */
interface State {
  settings?: MessengerSettings;
  messenger?: Messenger;
  usable?: boolean;
  problem?: GuestErrorCode | undefined;
  /** Are Messenger's launcher and window on the page? */
  isThere?(): boolean;
}

/** Does the page run another deployment? It does not where nothing says so. */
const conflicts = (state: State, other: { readonly deploymentId?: string } | undefined) => {
  const ours = state.settings?.deploymentId;
  if ((other?.deploymentId ?? ours) !== ours) state.problem = 'messenger_conflict';
  return state.problem;
};

/** Why there will be no chat, as far as the deployment's configuration tells. */
const problemOf = ({ deploymentConfig: config }: GenesysConfiguration, ownLauncher: boolean) => {
  if ((config?.status ?? 'Active') !== 'Active') return 'deployment_inactive';
  return ownLauncher && config?.headlessMode?.enabled ? 'messenger_headless' : undefined;
};

/** What each event means to us. */
const meaningsOf = (
  state: State,
  { options, signal, members, onUsable, onVisible, onUsed, fail }: ChatTools,
  { put, putAgain }: AttributesWriter,
): Record<MessengerEvent, (data: unknown) => void> => {
  const ownLauncher = options.launcher !== 'none';
  let visibility: string | undefined;
  const stop = (problem: GuestErrorCode) => () => Object.assign(state, { problem });
  const use = () =>
    members.gate(
      () => {
        state.usable ||= !state.problem;
        if (state.usable) onUsable();
      },
      (problem) => Object.assign(state, { problem }),
    );
  return {
    blocked: stop('messenger_blocked'),
    'GenesysJS.domainNotAllowed': stop('domain_not_allowed'),
    'GenesysJS.configurationReceived'(data) {
      const config = data as GenesysConfiguration;
      visibility = config.deploymentConfig?.messenger?.launcherButton?.visibility;
      if (!conflicts(state, config.snippetConfig)) state.problem = problemOf(config, ownLauncher);
    },
    'Database.ready': () => put(),
    'Database.removed': putAgain,
    'MessagingService.conversationReset': putAgain,
    'MessagingService.conversationCleared': putAgain,
    'MessagingService.sessionCleared'() {},
    'MessagingService.customAttributesSizeExceeded': () => fail('attributes_too_large'),
    'MessagingService.ready'() {
      if (!ownLauncher) use();
    },
    'MessagingService.started': onUsed,
    'MessagingService.restored': onUsed,
    'Messenger.ready'() {
      const frames = keepFrames();
      signal.addEventListener('abort', frames.stop);
      state.isThere = frames.areThere;
      use();
      if (visibility === 'On') onVisible();
      else if (options.show) command('Launcher.show').then(onVisible, () => {});
    },
    'Launcher.visible': onVisible,
    'Messenger.opened'() {
      onUsed();
      // A launcher that waits to be asked comes with the window.
      if (visibility === 'OnDemand') onVisible();
      emit('opened');
    },
    'Messenger.closed': () => emit('closed'),
  };
};

/** Loads Messenger as soon as it is wanted and known what it needs. */
const createLoader = (state: State, tools: ChatTools, writer: AttributesWriter) => {
  const { options, page, signal, fail } = tools;
  const meanings = meaningsOf(state, tools, writer);
  let wanted = false;
  let loading: Promise<void> | undefined;

  const attach = () => {
    const { settings } = state;
    if (!settings || !wanted || conflicts(state, page.messenger?.settings ?? own('Genesys')?.c)) return;
    try {
      page.messenger ??= connect(settings, Object.keys(meanings));
    } catch {
      // Something else has that name: an extension's object, or the site's own.
      state.problem = 'messenger_conflict';
      return;
    }
    const { messenger } = page;
    state.messenger = messenger;
    tools.members.attached();
    messenger.load(options.nonce);
    // It stays until the next session's: who boots anew when told of the end has set that already.
    messenger.listener = (event, data) => signal.aborted || meanings[event]?.(data);
    for (const [event, data] of Object.entries(messenger.seen)) {
      messenger.listener(event as MessengerEvent, data);
    }
  };

  const attempt = async (): Promise<void> => {
    wanted = true;
    state.problem = undefined;
    attach();
    await until(() => state.usable || state.problem, options.readyTimeout ?? READY_TIMEOUT, signal);
    loading = undefined;
    const { usable, messenger, problem } = state;
    if (usable) return;
    const silence = messenger?.seen['MessagingService.ready'] ? 'messenger_headless' : 'messenger_timeout';
    throw fail(problem ?? (messenger ? silence : 'config_failed'));
  };

  return {
    attach,
    async load(): Promise<void> {
      signal.throwIfAborted();
      if (page.cleared) throw fail('messenger_cleared');
      if (!state.usable) loading ??= attempt();
      return loading;
    },
  };
};

export const createChat = (tools: ChatTools): Chat => {
  const { page, signal, fail } = tools;
  const state: State = {};
  const seen = (event: MessengerEvent) => state.messenger?.seen[event];
  const isOpen = () => seen('Messenger.opened');
  const writer = createAttributesWriter(() => (seen('Database.ready') ? state.messenger : undefined), fail);
  const { attach, load } = createLoader(state, tools, writer);

  const clearConversation = () => command('MessagingService.clearConversation');
  const clearAll = async () => {
    page.cleared = true;
    await command('Messenger.clear').catch(() => {});
  };

  return {
    load,
    use(known) {
      state.settings ??= known;
      if (!state.messenger) attach();
    },
    async open() {
      await load();
      if (!(await until(() => seen('Messenger.ready'), WINDOW_LIMIT, signal)))
        throw fail('messenger_headless');
      // A refusal may mean that somebody else was faster: then it is open, and the event is on its way.
      if (!isOpen()) command('Messenger.open').catch(() => {});
      if (!(await until(() => isOpen() && state.isThere?.(), WINDOW_LIMIT, signal)))
        throw fail('messenger_timeout');
      await writer.put();
    },
    async close() {
      if (isOpen() && !signal.aborted) await command('Messenger.close');
    },
    put: writer.put,
    async end() {
      if (!state.messenger?.conversation) return;
      await clearConversation().catch(async () => {
        await clearAll();
        fail('messenger_cleared');
      });
    },
    async clear() {
      if (!state.messenger) return;
      if (state.messenger.conversation) await clearConversation().catch(() => {});
      await writer.put({});
      await clearAll();
    },
  };
};
