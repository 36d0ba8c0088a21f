// Messenger's button in the corner of the page.
import { element, ICONS, icon, shadowHost, whenBody } from './dom.ts';

export interface Launcher {
  show(): void;
  hide(): void;
  /** Shows whether the window is open. */
  opened(open: boolean): void;
  remove(): void;
}

export const createLauncher = (color: string, onUse: () => void): Launcher => {
  const { host, root } = shadowHost('genesys-mxg-frame', color);
  const button = element('button', { type: 'button', class: 'launcher' });
  button.addEventListener('click', onUse);
  root.append(button);
  host.hidden = true;
  whenBody(() => document.body.append(host));

  const opened = (open: boolean) => {
    button.setAttribute('aria-label', open ? 'Close messenger' : 'Open messenger');
    button.setAttribute('aria-expanded', String(open));
    button.replaceChildren(icon(...(open ? ICONS.down : ICONS.chat)));
  };
  opened(false);

  return {
    opened,
    show() {
      host.hidden = false;
    },
    hide() {
      host.hidden = true;
    },
    remove: () => host.remove(),
  };
};
