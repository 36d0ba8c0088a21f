// A session: the guest, the chat and the launcher brought together, from the first moment to the end.
import { createChat } from './chat.ts';
import { createAsk } from './config.ts';
import { conversationGoesOn } from './conversation.ts';
import { type GuestError, guestError } from './errors.ts';
import { emit, listen } from './events.ts';
import { createGuest } from './guest.ts';
import type { Page } from './page.ts';
import type { BootOptions, GuestSession } from './types.ts';

/** What may still come right, or leaves a chat without a window: the session lives on. */
const NOT_THE_END = /config|timeout|headless/;

/** Starts the page's session: `page.session` from the first moment until it has ended. */
export const startSession = (options: BootOptions, page: Page): Promise<GuestSession> =>
  new Promise((resolve, reject) => {
    const { launcher, nonce, messenger, labels = {}, signal: outer } = options;
    const endpoint = new URL(options.endpoint ?? '/chat', document.baseURI).href.replace(/\/$/, '');
    const life = new AbortController();
    const { signal } = life;
    let { context } = options;
    let removeLauncher = () => {};
    let isReady = false;

    const fail = (error: GuestError): GuestError => {
      const { code, retryAfter } = error;
      emit('error', { code, retryAfter });
      return error;
    };

    const ready = () => {
      if (isReady) return;
      isReady = true;
      page.booting = Promise.resolve(session);
      resolve(session);
      emit('ready');
    };

    const chat = createChat(
      options,
      page,
      signal,
      ready,
      () => removeLauncher(),
      (code) => fail(guestError(code)),
    );

    const describe = () => {
      const { externalId, attributes } = guest.config() ?? {};
      chat.put({ ...context, ...attributes, ...(externalId && { externalId }) });
    };

    const ask = createAsk(endpoint, options.headers, signal);
    const guest = createGuest(
      endpoint,
      ask,
      signal,
      ({ messenger }) => {
        chat.use(messenger);
        describe();
      },
      fail,
      () => {
        if (page.messenger) {
          page.cleared = true;
          fail(guestError('messenger_cleared'));
        }
        dispose();
      },
    );

    const stop = () => life.abort(outer?.reason);

    const dispose = () => {
      if (page.session !== session) return;
      delete page.session;
      delete page.booting;
      emit('disposed');
      stop();
      reject(signal.reason);
    };

    /** The guest is asked for beside Messenger, and neither waits for the other. */
    const load = () => {
      guest.start();
      return chat.load();
    };

    const begin = () => {
      if (typeof launcher === 'function') {
        removeLauncher = launcher({ session, labels, nonce, bootstrap: messenger?.bootstrap });
        signal.addEventListener('abort', removeLauncher);
        ready();
        if (conversationGoesOn()) load().catch(() => {});
      } else {
        load().catch((error: GuestError) => {
          reject(error);
          if (!NOT_THE_END.test(error.code)) dispose();
        });
      }
    };

    const session: GuestSession = {
      get config() {
        return guest.config();
      },
      get token() {
        return guest.token();
      },
      open() {
        guest.start();
        return chat.open();
      },
      close: chat.close,
      renew: guest.renew,
      refresh: guest.refresh,
      async forget() {
        guest.tellForgotten();
        stop();
        const [told] = await Promise.allSettled([ask('/forget', {}), chat.clear()]);
        dispose();
        if (told.status === 'rejected') throw told.reason;
      },
      setContext(facts) {
        context = facts;
        describe();
      },
      on(type, listener) {
        if (isReady && type === 'ready') queueMicrotask(listener as () => void);
        return listen(type, listener, signal);
      },
      dispose,
      [Symbol.dispose]: dispose,
    };

    page.session = session;
    outer?.addEventListener('abort', dispose, { signal });
    if (messenger) chat.use(messenger);
    describe();
    // A page that nobody sees yet costs nothing.
    if ((document as { prerendering?: boolean }).prerendering) {
      document.addEventListener('prerenderingchange', begin, { signal });
    } else begin();
  });
