// Builds what Messenger shows without a line of HTML text, so that a strict policy with Trusted Types has nothing to refuse.
import { CSS } from './styles.ts';

type Child = Node | string;

export const element = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[K] => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

const SVG = 'http://www.w3.org/2000/svg';

/** An icon of strokes on a grid of 24. */
export const icon = (...paths: readonly string[]): SVGElement => {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({ viewBox: '0 0 24 24', 'aria-hidden': 'true' })) {
    svg.setAttribute(name, value);
  }
  for (const d of paths) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
};

export const ICONS = {
  chat: ['M4 5.5h16v11H9.5L5 20.5v-4H4z', 'M8.5 11h.01M12 11h.01M15.5 11h.01'],
  down: ['M6 9.5l6 6 6-6'],
  send: ['M4.5 12h14', 'M12.5 5.5L19 12l-6.5 6.5'],
  broom: ['M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 10.5v5.5M13.5 10.5v5.5'],
} as const;

/** A place on the page that the page's own styles do not reach. */
export const shadowHost = (
  id: string,
  color: string,
): { readonly host: HTMLElement; readonly root: ShadowRoot } => {
  const host = element('div', { id });
  host.style.setProperty('--primary', color);
  const root = host.attachShadow({ mode: 'open' });
  // Constructed sheets need no `unsafe-inline`; where there are none (jsdom) nobody looks.
  if ('replaceSync' in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  }
  return { host, root };
};

/** The script may come before the body. */
export const whenBody = (then: () => void): void => {
  if (document.body) then();
  else document.addEventListener('DOMContentLoaded', then, { once: true });
};
