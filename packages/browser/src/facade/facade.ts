// The facade launcher: our own small button, until whose first use nothing is fetched from Genesys.
import { watchBody } from '../keep.ts';
import type { Labels, Launcher, LauncherTools } from '../types.ts';
import { labelOf } from './labels.ts';
import { savesData } from './saves-data.ts';
import { addStyle } from './style.ts';

const set = (element: Element, attributes: Readonly<Record<string, string | boolean>>) => {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value as string);
};

/** What the button shows: the window is open or not, and what is happening. */
type Show = (isOpen: boolean, says?: 'loading' | 'failed') => void;

/** The button and what it says. Beside the body: that may not be there yet, and may be replaced. */
const createView = ({ labels, nonce }: LauncherTools) => {
  const host = document.createElement('genesys-guest');
  const root = host.attachShadow({ mode: 'open' });
  const button = document.createElement('button');
  const status = document.createElement('p');
  let last: Parameters<Show> = [false];

  const show: Show = (isOpen, says) => {
    last = [isOpen, says];
    const label = (name: keyof Labels) => labelOf(labels, document.documentElement.lang, name);
    set(button, {
      'aria-haspopup': 'dialog',
      'aria-label': label(isOpen ? 'close' : 'open'),
      'aria-busy': says === 'loading',
    });
    button.className = isOpen ? 'open' : '';
    status.textContent = says ? label(says) : '';
  };

  /** What was taken away by a page that hydrates its whole document comes back. */
  const place = () => {
    const page = document.documentElement;
    if (host.parentNode !== page) page.append(host);
    language.observe(page, { attributeFilter: ['lang'] });
    show(...last);
  };

  const language = new MutationObserver(() => show(...last));
  set(host, { role: 'region', 'aria-label': 'Chat' });
  set(status, { role: 'status' });
  addStyle(root, nonce);
  root.append(status, button);
  place();
  const stop = watchBody(place);
  return {
    button,
    show,
    remove() {
      stop();
      language.disconnect();
      host.remove();
    },
  };
};

/** Fetches Messenger's script ahead, once, for a visitor who seems about to use it. */
const createPreload = ({ bootstrap, nonce }: LauncherTools) => {
  const link = document.createElement('link');
  return {
    prepare() {
      if (!bootstrap || link.rel || savesData()) return;
      Object.assign(link, { rel: 'preload', as: 'script', nonce, href: bootstrap });
      document.head.append(link);
    },
    remove: () => link.remove(),
  };
};

/**
 * A launcher for `boot({ launcher: facade })`. Messenger is loaded on first use, or at once for a visitor in the middle of a
 * conversation. It leaves when the platform's own launcher appears; where that is switched off it stays, and follows the
 * window.
 */
export const facade: Launcher = (tools) => {
  const { session } = tools;
  const { button, show, remove } = createView(tools);
  const preload = createPreload(tools);
  let isOpen = false;
  let isLoading = false;
  /** Is the window wanted? What opens after the click was taken back is closed. */
  let wanted = false;

  const say = (what?: 'loading' | 'failed') => {
    isLoading = what === 'loading';
    show(isOpen, what);
  };

  const follow = (open: boolean) => {
    isOpen = open;
    say();
  };

  /** Opens, closes, or takes back the click that is under way. */
  const use = async () => {
    const opens = !isOpen && !isLoading;
    wanted = opens;
    say(opens ? 'loading' : undefined);
    try {
      if (opens) await session.open();
      if (!wanted) await session.close();
    } catch {
      if (wanted) say('failed');
    }
  };

  button.onclick = use;
  button.onpointerenter = preload.prepare;
  button.onfocus = preload.prepare;
  button.onkeydown = ({ key }) => {
    if (key !== 'Escape') return;
    if (isLoading) use();
    else say();
  };
  session.on('opened', () => follow(true));
  session.on('closed', () => {
    follow(false);
    // Who came by this button is not left nowhere when the window has gone.
    if (wanted && document.activeElement?.matches('body,[id*=mxg]')) button.focus();
  });

  return () => {
    preload.remove();
    remove();
  };
};
