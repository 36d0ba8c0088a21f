// `GuestToken`, our plugin on the page's Genesys bus: how other plugins get the token without knowing this package.
import type { GuestError } from './errors.ts';
import { listen } from './events.ts';
import { genesys } from './messenger.ts';
import { thisPage } from './page.ts';

/** What the plugin tells, of what the session tells. */
const EVENTS = ['renewed', 'expired', 'error'] as const;

const renewed = async () => (await thisPage().session?.renew())?.guestToken;

/** Registers the plugin, which always speaks for the session that lives: a name can be registered only once. */
export const registerPlugin = (): void =>
  genesys('registerPlugin', 'GuestToken', (plugin) => {
    plugin.registerCommand('get', (call) => call.resolve(thisPage().session?.token));
    plugin.registerCommand('renew', (call) =>
      renewed().then(
        (token) => call.resolve(token),
        ({ code }: GuestError) => call.reject({ code }),
      ),
    );
    for (const type of EVENTS) listen(type, (detail) => plugin.publish(type, detail));
    plugin.ready();
  });
