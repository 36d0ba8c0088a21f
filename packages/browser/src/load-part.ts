// Fetches for `boot.js` what most page views do without: what keeps a token, the facade, members. Each is a script of its own.
import { endpointOf } from './api.ts';
import { appendScript } from './append-script.ts';
import { type Page, thisPage } from './page.ts';
import type { BootOptions } from './types.ts';

/** Scripts that are fetched when they are needed. */
export type PartName = 'guest' | 'facade' | 'members';

/** Fetches one of them, as what it puts on the page. */
export type LoadPart = <Name extends PartName>(name: Name) => Promise<NonNullable<Page[Name]>>;

/**
 * Resolves with what the script brings, fetched once for each page. Rejects where our server does not bring it: nothing takes its
 * place, as that would load Genesys for a visitor who has not asked for a chat, or show what the last member left.
 */
export const loadPart = <Name extends PartName>(
  name: Name,
  { endpoint, nonce }: BootOptions,
): Promise<NonNullable<Page[Name]>> =>
  new Promise((resolve, reject) => {
    const page = thisPage();
    const loaded = ({ target }: Event) => {
      if (page[name]) return resolve(page[name]);
      // Something else came in its place: the next try is not to join that.
      (target as Element).remove();
      reject();
    };
    if (page[name]) resolve(page[name]);
    else appendScript(`${endpointOf(endpoint)}/${name}.js`, nonce, loaded, reject);
  });
