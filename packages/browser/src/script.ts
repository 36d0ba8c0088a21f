// The script of a page, `boot.js`: finds its endpoint from its own tag and boots.
import type { MessengerSettings } from '@genesys-guest/common';
import { bootSession } from './boot.ts';
import { conversationIsMarked } from './conversation.ts';
import { savesData } from './facade/saves-data.ts';
import { loadPart } from './load-part.ts';
import { own, real } from './page.ts';
import type { BootOptions, GuestScript } from './types.ts';

declare global {
  interface Window {
    /** What our server puts before the script. */
    GenesysGuestMount?: MessengerSettings;
  }
}

/** Where a script came from. Text that somebody runs from a `blob:` or inline came from nowhere; an SVG's script has no `src`. */
const folderOf = (tag: HTMLScriptElement | null | undefined) => tag?.src?.match(/^[^:]+:\/\/[^?#]*\//)?.[0];

/** A tag manager, or jQuery's `append`, may run the text of the script itself: then the tag that is meant has to be looked for. */
const current = real('currentScript') as HTMLScriptElement | null;
const tag =
  current?.dataset['endpoint'] || folderOf(current)
    ? current
    : ([...real('scripts')].findLast(({ src }) => /\/boot\.js(\?|$)/.test(src)) ?? current);
const { endpoint, launcher, nonce, manual, show, token, onChange } = tag?.dataset ?? {};
const url = endpoint || folderOf(tag);
/** Markup may hold a tag that never ran: it leads to no other site. */
const isTrusted = tag === current || new URL(url || '/', location.href).origin === self.origin;

const defaults = {
  endpoint: isTrusted ? url : undefined,
  nonce: nonce ?? tag?.nonce,
  messenger: own('GenesysGuestMount'),
  show: show !== undefined,
  token,
  onChange,
  ...(launcher && { launcher }),
} as BootOptions;
delete window.GenesysGuestMount;

/** What the page itself loads goes first, for so many ms at most: a picture that hangs keeps no chat away. */
const PAGE_FIRST = 3_000;

let isAsked = false;
const script: GuestScript = {
  async boot(options) {
    isAsked = true;
    const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
    const { launcher = 'genesys', ...others } = { ...defaults, ...Object.fromEntries(given) } as BootOptions;
    return bootSession({
      ...others,
      // Who saves data is spared Messenger, too, until it is used.
      launcher: launcher === 'genesys' && savesData() ? 'facade' : launcher,
      load: (name) => loadPart(name, others),
    });
  },
};
if (!own('GenesysGuest')) window.GenesysGuest = script;
const start = () => {
  // Whatever failed has been told as an event; the console is for whoever sets this up.
  if (!isAsked) script.boot().catch(console.warn);
};
if (manual === undefined) {
  if (real('readyState') === 'complete' || token === 'eager' || conversationIsMarked()) start();
  else {
    addEventListener('load', start);
    setTimeout(start, PAGE_FIRST);
  }
}
