// Fetches what members need for `boot.js`: a script of its own, as most mounts do without.
import { endpointOf } from '../api.ts';
import { appendScript } from '../append-script.ts';
import { guestError } from '../errors.ts';
import { thisPage } from '../page.ts';
import type { StartMembers } from './ports.ts';

export type LoadMembers = (endpoint?: string, nonce?: string) => Promise<StartMembers>;

/** Fetches `members.js` for `boot.js`, once for each page. */
export const loadMembers: LoadMembers = (endpoint, nonce) =>
  new Promise((resolve, reject) => {
    const page = thisPage();
    const failed = () => reject(guestError('config_failed'));
    const done = () => (page.members ? resolve(page.members) : failed());
    if (page.members) done();
    else appendScript(`${endpointOf(endpoint)}/members.js`, nonce, done, failed);
  });
