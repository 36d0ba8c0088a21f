// The facade launcher: our own small button, until whose first use nothing is fetched from Genesys.
import type { Launcher } from '../types.ts';
import { labelsFor } from './labels.ts';
import { addStyle } from './style.ts';

const set = (element: Element, attributes: Readonly<Record<string, string | boolean>>) => {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
};

/** Does the visitor pay for each byte? */
export const savesData = (): boolean => matchMedia('(prefers-reduced-data:reduce)').matches;

/**
 * A launcher for `boot({ launcher: facade })`. Messenger is loaded on first use, or at once for a visitor in the middle of a
 * conversation. It leaves when the platform's own launcher appears; where that is switched off it stays, and follows the
 * window.
 */
export const facade: Launcher = ({ session, labels, nonce, bootstrap }) => {
  const host = document.createElement('genesys-guest');
  const root = host.attachShadow({ mode: 'open' });
  const button = document.createElement('button');
  const status = document.createElement('p');
  const preconnect = document.createElement('link');
  const page = document.documentElement;
  let isOpen = false;
  let says: 'loading' | 'failed' | undefined;
  /** Is the window wanted? What opens after the click was taken back is closed. */
  let wanted = false;

  const show = () => {
    const texts = labelsFor(labels, page.lang);
    const name = isOpen ? texts.close : texts.open;
    set(host, { role: 'region', 'aria-label': name });
    set(button, {
      'aria-haspopup': 'dialog',
      'aria-label': name,
      'aria-expanded': isOpen,
      'aria-busy': says === 'loading',
    });
    status.textContent = says ? texts[says] : '';
  };

  const say = (what?: 'loading' | 'failed') => {
    says = what;
    show();
  };

  const follow = (open: boolean) => () => {
    isOpen = open;
    say();
  };

  /** Opens, closes, or takes back the click that is under way. */
  const use = async () => {
    const opens = !isOpen && says !== 'loading';
    wanted = opens;
    say(opens ? 'loading' : undefined);
    try {
      if (opens) await session.open();
      if (!wanted) await session.close();
    } catch {
      if (wanted) say('failed');
    }
  };

  const prepare = () => {
    if (!bootstrap || preconnect.rel || savesData()) return;
    preconnect.rel = 'preconnect';
    preconnect.href = new URL(bootstrap).origin;
    document.head.append(preconnect);
  };

  set(status, { role: 'status' });
  button.onclick = use;
  button.onpointerenter = prepare;
  button.onfocus = prepare;
  button.onkeydown = ({ key }) => {
    if (key !== 'Escape') return;
    if (says === 'loading') use();
    else say();
  };
  session.on('opened', follow(true));
  session.on('closed', follow(false));
  const language = new MutationObserver(show);
  language.observe(page, { attributeFilter: ['lang'] });
  show();
  addStyle(root, nonce);
  root.append(status, button);
  // Beside the body: it may not be there yet, and a single-page app may replace it.
  page.append(host);

  return () => {
    language.disconnect();
    preconnect.remove();
    host.remove();
  };
};
