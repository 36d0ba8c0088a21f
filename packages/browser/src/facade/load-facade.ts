// Fetches the facade for `boot.js`: a script of its own, as most pages do without.
import { endpointOf } from '../api.ts';
import { appendScript } from '../append-script.ts';
import { guestError } from '../errors.ts';
import { emit } from '../events.ts';
import { thisPage } from '../page.ts';
import type { Launcher } from '../types.ts';

/**
 * Resolves with the facade, fetched once for each page. Rejects with `config_failed` where our server does not bring it: no
 * other launcher takes its place, as each of them would load Genesys for a visitor who has not asked for a chat.
 */
export const loadFacade = (endpoint: string | undefined, nonce: string | undefined): Promise<Launcher> =>
  new Promise((resolve, reject) => {
    const page = thisPage();
    const failed = () => {
      const error = guestError('config_failed');
      emit('error', error);
      reject(error);
    };
    const loaded = ({ target }: Event) => {
      if (page.facade) return resolve(page.facade);
      // Something else came in its place: the next try is not to join that.
      (target as Element).remove();
      failed();
    };
    if (page.facade) resolve(page.facade);
    else appendScript(`${endpointOf(endpoint)}/facade.js`, nonce, loaded, failed);
  });
