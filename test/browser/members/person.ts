// A person at a computer: signs in and out on the site, chats, and looks everywhere for what somebody else has left.
import { until } from '../chat.ts';
import type { Engine, Tab } from '../engines.ts';
import type { MembersSite } from './site.ts';

/** Runs in the page before anything else: notes what comes over sockets and from servers, and what can be seen of a text. */
export const watch = () => {
  const watched = { events: [] as string[], heard: [] as string[], seen: [] as string[], secret: '' };
  Object.assign(window, { watched });
  for (const name of ['ready', 'changed', 'opened', 'error', 'disposed', 'sign_in_required']) {
    window.addEventListener(`genesys-guest:${name}`, (event) => {
      const { detail } = event as CustomEvent;
      watched.events.push(name === 'error' ? `error ${detail.code}` : name);
    });
  }
  const { WebSocket: Real, fetch: realFetch } = window;
  window.WebSocket = class extends Real {
    constructor(...args: ConstructorParameters<typeof Real>) {
      super(...args);
      this.addEventListener('message', ({ data }) => watched.heard.push(String(data)));
    }
  };
  window.fetch = async (...args) => {
    const answer = await realFetch(...args);
    watched.heard.push(
      await answer
        .clone()
        .text()
        .catch(() => ''),
    );
    return answer;
  };
  const all = (root: Document | ShadowRoot): Element[] =>
    [...root.querySelectorAll('*')].flatMap((node) => [
      node,
      ...(node.shadowRoot ? all(node.shadowRoot) : []),
    ]);
  const look = () => {
    const secret = sessionStorage.getItem('secret of a test') ?? watched.secret;
    for (const node of secret ? all(document) : []) {
      const isVisible = node.getClientRects().length > 0 && getComputedStyle(node).visibility === 'visible';
      if (isVisible && node.children.length === 0 && node.textContent?.includes(secret)) {
        watched.seen.push(node.textContent);
      }
    }
    requestAnimationFrame(look);
  };
  look();
};

interface Watched {
  readonly watched: {
    readonly events: string[];
    readonly heard: string[];
    readonly seen: string[];
    secret: string;
  };
}

export const events = (tab: Tab): Promise<string[]> =>
  tab.run(() => (window as unknown as Watched).watched.events);

export const hears = (tab: Tab, name: string): Promise<string[]> =>
  until(
    () => events(tab),
    (all) => all.includes(name),
  );

/** Signs in or out on the site, as its own page would: the chat is not told. */
export const post = (tab: Tab, path: string): Promise<void> =>
  tab.run(async (to) => void (await fetch(to, { method: 'POST' })), path);

export const refresh = (tab: Tab): Promise<void> =>
  tab.run(async () => void (await (await window.GenesysGuest?.boot())?.refresh()));

export const reload = async (tab: Tab): Promise<void> => {
  await tab.goto(await tab.run(() => location.href));
  await hears(tab, 'ready');
};

/** A person who comes to the site, and to its page again once signed in. */
export const arrive = async (engine: Engine, site: MembersSite, name?: string) => {
  const visitor = await engine.visitor();
  const tab = await visitor.open(site.url, watch);
  if (name) {
    await post(tab, `/sign-in/${name}`);
    await tab.goto(site.url);
  }
  await hears(tab, 'ready');
  return { visitor, tab };
};

/** The texts of Messenger's window, whoever wrote them. */
export const texts = (tab: Tab): Promise<string> =>
  tab.run(() => {
    const all = (root: Document | ShadowRoot): string[] => [
      root instanceof Document ? (root.body?.textContent ?? '') : (root.textContent ?? ''),
      ...[...root.querySelectorAll('*')].flatMap((node) => (node.shadowRoot ? all(node.shadowRoot) : [])),
    ];
    return all(document).join('\n');
  });

/** Opens the window, unless it is open. */
export const openChat = async (tab: Tab): Promise<void> => {
  await hears(tab, 'ready');
  await tab.run(async () => {
    const session = await window.GenesysGuest?.boot();
    await session?.open();
  });
};

/** Waits until the text is in Messenger's window. */
export const sees = (tab: Tab, text: string): Promise<string> =>
  until(
    () => texts(tab),
    (all) => all.includes(text),
  );

/** From now on, in this tab and its next pages, it is noted where the text can be seen. */
export const watchFor = (tab: Tab, secret: string): Promise<void> =>
  tab.run((text) => sessionStorage.setItem('secret of a test', text), secret);

/** Everything that a page, its scripts and its user can find. */
export const everything = (tab: Tab) =>
  tab.run(() => {
    const { heard, seen } = (window as unknown as Watched).watched;
    const all = (root: Document | ShadowRoot): string[] => [
      root instanceof Document ? root.documentElement.outerHTML : root.innerHTML,
      ...[...root.querySelectorAll('*')].flatMap((node) => (node.shadowRoot ? all(node.shadowRoot) : [])),
    ];
    return { dom: all(document).join('\n'), stored: JSON.stringify({ ...localStorage }), heard, seen };
  });

/** What Messenger keeps of a member, as far as the page can read it. */
export const jwtOf = (tab: Tab): Promise<string | null> =>
  tab.run(() => localStorage.getItem('_deployment-with-members:gcatkn'));
