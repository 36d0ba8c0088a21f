// Boots the page's guest: Messenger at once, and a token kept fresh behind it.
import { thisPage } from './page.ts';
import { startSession } from './session.ts';
import type { BootOptions, GuestSession } from './types.ts';

/**
 * Boots Messenger and the guest, and resolves once the launcher can be used. While a session lives, a second call returns
 * it, whatever its options; its signal, too, ends the session.
 *
 * Rejects with a `GuestError` where there is no chat to be had, and with the signal's reason where it was aborted. After
 * `messenger_timeout` and `config_failed` the session lives on and may still become `ready`.
 *
 * @throws TypeError (as a rejection) for a launcher that there is not
 */
export const boot = async (options: BootOptions = {}): Promise<GuestSession> => {
  const page = thisPage();
  const { launcher = 'genesys', signal } = options;
  if (typeof launcher !== 'function' && !['genesys', 'none'].includes(launcher)) {
    throw new TypeError(`No launcher ${launcher}`);
  }
  signal?.throwIfAborted();
  if (page.booting) {
    const { session } = page;
    signal?.addEventListener('abort', () => session?.dispose());
    return page.booting;
  }
  const booting = startSession(options, page);
  // It may be over already: then the next call starts anew.
  if (page.session) page.booting ??= booting;
  return booting;
};
