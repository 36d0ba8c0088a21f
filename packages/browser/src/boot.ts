// Boots the page's guest: Messenger at once, and a token kept fresh behind it.
import type { LoadPart } from './load-part.ts';
import { thisPage } from './page.ts';
import { failBy, type SessionOptions, startSession } from './session.ts';
import type { GuestSession } from './types.ts';

/** The session of this page, or a new one. A part that does not come is told as `config_failed`, whoever fetches it. */
export const bootSession = async (options: SessionOptions): Promise<GuestSession> => {
  const page = thisPage();
  const { signal } = options;
  let { launcher = 'genesys' } = options;
  const load: LoadPart = (name) =>
    options.load(name).catch(() => {
      throw failBy('config_failed');
    });
  if (launcher === 'facade') launcher = await load(launcher);
  signal?.throwIfAborted();
  if (page.booting) {
    signal?.addEventListener('abort', (page.session as GuestSession).dispose);
    return page.booting;
  }
  if (typeof launcher !== 'function' && !['genesys', 'none'].includes(launcher)) {
    console.warn(failBy('launcher_unknown'));
  }
  const booting = startSession({ ...options, launcher, load }, page);
  // It may be over already: then the next call starts anew.
  if (page.session) page.booting ??= booting;
  return booting;
};
