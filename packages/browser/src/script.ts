// The script of a page, `boot.js`: finds its endpoint from its own tag and boots.
import type { MessengerSettings } from '@genesys-guest/common';
import { boot } from './boot.ts';
import { facade, savesData } from './facade/facade.ts';
import type { BootOptions, GuestSession, Launcher } from './types.ts';

/** Options of the script's `boot`: as the module's, and the facade by its name. */
export type ScriptBootOptions = Omit<BootOptions, 'launcher'> & {
  readonly launcher?: 'genesys' | 'facade' | 'none' | Launcher;
};

export interface GuestScript {
  boot(options?: ScriptBootOptions): Promise<GuestSession>;
}

declare global {
  interface Window {
    /** What our server puts before the script. */
    GenesysGuestMount?: MessengerSettings;
    GenesysGuest?: GuestScript;
  }
}

/** A tag manager may run the text of the script itself: then the tag that is meant has to be looked for. */
const tag = (document.currentScript ??
  [...document.scripts].find(({ src }) => /\/boot\.js(\?|$)/.test(src))) as
  | HTMLScriptElement
  | null
  | undefined;
const { endpoint, launcher, nonce, manual } = tag?.dataset ?? {};

const defaults: ScriptBootOptions = {
  endpoint: endpoint ?? (tag?.src && new URL('.', tag.src).href),
  nonce: nonce ?? tag?.nonce,
  messenger: window.GenesysGuestMount,
  ...(launcher && { launcher: launcher as 'facade' }),
};
delete window.GenesysGuestMount;

const script: GuestScript = {
  boot(options) {
    const { launcher = 'genesys', ...others } = { ...defaults, ...options };
    // Who saves data is spared Messenger, too, until it is used.
    const small = launcher === 'facade' || (launcher === 'genesys' && savesData());
    return boot({ ...others, launcher: small ? facade : launcher });
  },
};
window.GenesysGuest ??= script;
// Whatever failed has been told as an event; the console is for whoever sets this up.
if (manual === undefined) script.boot().catch(console.warn);
