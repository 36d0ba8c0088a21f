// Makes the session and its page react when the visitor is somebody else.
import type { GuestError } from '../errors.ts';
import type { GuestSession } from '../types.ts';
import { logout } from './departure.ts';
import type { State } from './state.ts';

/** A page that returns from the back/forward cache shows nothing of Messenger until it is known who the visitor is now. */
export const watchPage = (state: State, session: GuestSession): void => {
  const { cover, whose, signal } = state;
  const hide = () => {
    if (!whose.read() && !whose.hasTokens()) return;
    delete state.config;
    state.isOver = false;
    cover.put();
  };
  window.addEventListener('pagehide', hide, { signal });
  whose.onWrite(() => session.refresh().catch(() => {}), signal);
};

/** Extends the session's `open`, `refresh` and `forget` for members. */
export const extendSession = (state: State, session: GuestSession, idle: () => Promise<void>): void => {
  const { page, options, whose, began } = state;
  const { open, refresh, forget } = session;
  const extended: Partial<GuestSession> = {
    async refresh() {
      state.isOver = false;
      const config = await refresh();
      await idle();
      return config;
    },
    open: () =>
      open().catch(async (error: GuestError) => {
        if (error.code !== 'sign_in_required' || !options.onSignInRequired) throw error;
        await options.onSignInRequired();
        await session.refresh();
        await open();
      }),
    async forget() {
      const { authentication } = page;
      if (authentication) {
        delete authentication.issue;
        const isIn = authentication.mode !== 'off' && (whose.read() || whose.hasTokens());
        if (isIn) await logout().catch(() => {});
        whose.write('');
        began.forget();
      }
      await forget();
    },
  };
  Object.assign(session, extended);
};
