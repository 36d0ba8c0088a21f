// Boots the page's guest: Messenger at once, and a token kept fresh behind it.
import { guestError } from './errors.ts';
import { emit } from './events.ts';
import { thisPage } from './page.ts';
import { type SessionOptions, startSession } from './session.ts';
import type { GuestSession } from './types.ts';

/** The session of this page, or a new one. The facade is a function here, not yet a name. */
export const bootSession = async (options: SessionOptions): Promise<GuestSession> => {
  const page = thisPage();
  const { launcher = 'genesys', signal } = options;
  signal?.throwIfAborted();
  if (page.booting) {
    signal?.addEventListener('abort', (page.session as GuestSession).dispose);
    return page.booting;
  }
  if (typeof launcher !== 'function' && !['genesys', 'none'].includes(launcher)) {
    const error = guestError('launcher_unknown');
    console.warn(error);
    emit('error', error);
  }
  const booting = startSession(options, page);
  // It may be over already: then the next call starts anew.
  if (page.session) page.booting ??= booting;
  return booting;
};
