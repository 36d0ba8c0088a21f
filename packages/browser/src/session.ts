// A session: the guest, the chat and the launcher brought together, from the first moment to the end.
import type { Attributes, MessengerSettings, OnboardingConfig } from '@genesys-guest/common';
import { createApi, endpointOf } from './api.ts';
import { createChat } from './chat.ts';
import { conversationIsMarked } from './conversation.ts';
import { type GuestError, type GuestErrorCode, guestError } from './errors.ts';
import { emit, listen } from './events.ts';
import { createGuest } from './guest.ts';
import type { LoadPart } from './load-part.ts';
import type { Members, StartMembers } from './members/ports.ts';
import type { Page } from './page.ts';
import type { BootOptions, GuestSession } from './types.ts';

/** What may still come right, or leaves a chat without a window: the session lives on. */
const NOT_THE_END = /config|timeout|headless|sign/;

const fail = (error: GuestError): GuestError => {
  const { code, retryAfter } = error;
  emit('error', { code, retryAfter });
  return error;
};

/** Makes an error, tells it, and returns it. */
export const failBy = (code: GuestErrorCode): GuestError => fail(guestError(code));

/** Wait before what members need is fetched again, ms. */
const PAUSE = 30_000;

/** What the page may set, and how it comes to what only some pages need. */
export interface SessionOptions extends BootOptions {
  readonly load: LoadPart;
}

/** What the guest and the chat tell the session. */
interface Hooks {
  readonly onUsable: () => void;
  readonly onVisible: () => void;
  readonly onForgotten: () => void;
}

/** The guest and the chat, each told what the other needs; and members, where the mount has them. */
const createParts = (options: SessionOptions, page: Page, signal: AbortSignal, hooks: Hooks) => {
  const endpoint = endpointOf(options.endpoint);
  const api = createApi(endpoint, options.headers, signal);
  let { context } = options;
  /** Where the mount has none, nobody waits for anything. */
  const members: Members = {
    adopt() {},
    attached() {},
    gate: (go) => go(),
    left() {
      if (options.onChange !== 'keep') chat.end();
    },
  };
  let loading: Promise<void> | undefined;

  const describe = (facts: Attributes | undefined = context) => {
    context = facts;
    const { externalId, attributes, proof } = guest.config() ?? {};
    chat.put({ ...context, ...attributes, ...(externalId && { externalId }), ...(proof && { proof }) });
  };

  /** Tries until it comes: without it there is no chat. */
  const startMembers = async (settings: MessengerSettings) => {
    let start: StartMembers | undefined;
    while (!start) {
      start = await options.load('members').catch(() => new Promise((done) => setTimeout(done, PAUSE)));
      signal.throwIfAborted();
    }
    Object.assign(members, await start({ options, page, settings, signal, api, fail, end: chat.end }));
  };

  /** Messenger waits for what members need: what the last one left must not be seen. */
  const use = (settings: MessengerSettings, config?: OnboardingConfig, sudden?: boolean) => {
    const go = () => {
      if (config) members.adopt(config, sudden);
      chat.use(settings);
      describe();
    };
    if (settings.members || config?.proof) {
      loading ??= startMembers(settings);
    }
    if (loading)
      loading.then(
        () => signal.aborted || go(),
        () => {},
      );
    else go();
  };

  const chat = createChat({
    ...hooks,
    options,
    page,
    signal,
    members,
    onUsed: () => guest.use(),
    fail: failBy,
  });
  const guest = createGuest({
    ...hooks,
    endpoint,
    api,
    signal,
    used: options.token === 'eager',
    adopt: (config, sudden) => use(config.messenger, config, sudden),
    fail,
    left: () => members.left(),
    load: () => options.load('guest'),
  });
  return { api, chat, guest, describe, use };
};

type Parts = ReturnType<typeof createParts>;

/** What the page is given. An ended session does nothing but forget. */
const createFace = (
  { api, chat, guest, describe }: Parts,
  signal: AbortSignal,
  isReady: () => boolean,
  stop: () => void,
  dispose: () => void,
): GuestSession => ({
  get config() {
    return guest.config();
  },
  get token() {
    return guest.token();
  },
  getToken: guest.getToken,
  async open() {
    signal.throwIfAborted();
    guest.use();
    await chat.open();
  },
  close: chat.close,
  renew: guest.renew,
  refresh: guest.refresh,
  async forget() {
    stop();
    guest.tellForgotten();
    const telling = api('/forget', {});
    await Promise.allSettled([telling, chat.clear()]);
    dispose();
    await telling;
  },
  setContext(facts) {
    if (!signal.aborted) describe(facts);
  },
  on(type, listener) {
    if (type === 'ready' && isReady()) queueMicrotask(listener as () => void);
    return listen(type, listener, signal);
  },
  dispose,
  [Symbol.dispose]: dispose,
});

/**
 * Shows the launcher, or loads Messenger at once.
 *
 * @param ready the launcher can be used: it is given what takes that away
 * @returns rejects where there is neither
 */
const begin = async (
  { chat, guest }: Parts,
  { launcher, nonce, messenger, labels = {} }: BootOptions,
  session: GuestSession,
  ready: (remove: () => void) => void,
): Promise<void> => {
  /** The guest is asked for beside Messenger, in a task of its own, and neither waits for the other. */
  const load = () => {
    setTimeout(guest.start);
    return chat.load();
  };
  if (typeof launcher !== 'function') return load();
  ready(launcher({ session, labels, nonce, bootstrap: messenger?.bootstrap }));
  if (conversationIsMarked()) load().catch(() => {});
};

/** Starts the page's session: `page.session` from the first moment until it has ended. */
export const startSession = (options: SessionOptions, page: Page): Promise<GuestSession> =>
  new Promise((resolve, reject) => {
    const { messenger, signal: outer } = options;
    const life = new AbortController();
    const { signal } = life;
    let removeLauncher = () => {};
    let isReady = false;

    const stop = () => life.abort(outer?.reason);
    const dispose = () => {
      if (page.session !== session) return;
      delete page.session;
      delete page.booting;
      emit('disposed');
      stop();
      reject(signal.reason);
    };
    const onUsable = (remove = removeLauncher) => {
      // First: who hears of it may end the session.
      removeLauncher = remove;
      if (isReady || signal.aborted) return;
      isReady = true;
      page.booting = Promise.resolve(session);
      resolve(session);
      emit('ready');
    };
    const onVisible = () => removeLauncher();
    /** Another tab was told to forget the visitor: Messenger, if it is here, is cleared. */
    const onForgotten = () => {
      if (page.messenger) {
        page.cleared = true;
        failBy('messenger_cleared');
      }
      dispose();
    };
    const onFailed = (error: GuestError) => {
      reject(error);
      if (!NOT_THE_END.test(error.code)) dispose();
    };

    const parts = createParts(options, page, signal, { onUsable, onVisible, onForgotten });
    const session = createFace(parts, signal, () => isReady && !signal.aborted, stop, dispose);
    page.session = session;
    outer?.addEventListener('abort', dispose, { signal });
    signal.addEventListener('abort', onVisible);
    if (messenger) parts.use(messenger);
    else parts.describe();
    const start = () => {
      begin(parts, options, session, onUsable).catch(onFailed);
    };
    // A page that nobody sees yet costs nothing.
    if ((document as { prerendering?: boolean }).prerendering) {
      document.addEventListener('prerenderingchange', start, { signal });
    } else start();
  });
