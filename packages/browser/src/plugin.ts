// `GuestToken`, our plugin on the page's Genesys bus: how other plugins get the token without knowing this package.
import type { GuestError } from './errors.ts';
import { listen } from './events.ts';
import type { GenesysPlugin } from './genesys.ts';
import { genesys } from './messenger.ts';
import { thisPage } from './page.ts';
import type { GuestSession } from './types.ts';

/** What the plugin tells, of what the session tells. */
const EVENTS = ['renewed', 'expired', 'error'] as const;

/** What the commands do with the session. */
const COMMANDS = {
  get: (session?: GuestSession) => session?.getToken(),
  renew: async (session?: GuestSession) => (await session?.renew())?.guestToken,
};

/** Registers the plugin, which always speaks for the session that lives: a name can be registered only once. */
export const registerPlugin = (): void =>
  genesys('registerPlugin', 'GuestToken', (plugin: GenesysPlugin) => {
    for (const [name, run] of Object.entries(COMMANDS)) {
      plugin.registerCommand(name, (call) => {
        Promise.resolve(run(thisPage().session)).then(call.resolve, ({ code }: GuestError) =>
          call.reject({ code }),
        );
      });
    }
    for (const type of EVENTS) listen(type, (detail) => plugin.publish(type, detail));
    plugin.ready();
  });
