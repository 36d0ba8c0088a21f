// The chat window: the conversation, and beside it what the agent is shown of the visitor.
import { element, ICONS, icon, shadowHost, whenBody } from './dom.ts';
import type { Message, MessagingView } from './messaging.ts';

export interface ChatWindow extends MessagingView {
  open(): void;
  close(): void;
  remove(): void;
}

export interface ChatActions {
  send(text: string): void;
  minimize(): void;
  clear(): void;
}

const GREETING = 'Hello! This is an emulated agent: I say again what you say.';

export const createChatWindow = (color: string, actions: ChatActions): ChatWindow => {
  const { host, root } = shadowHost('genesys-mxg-container-frame', color);
  const log = element('div', { role: 'log', 'aria-label': 'Conversation', class: 'log', tabindex: '0' });
  const agent = element('section', { 'aria-label': 'What the agent sees', class: 'agent' });
  const dots = [element('i'), element('i'), element('i')];
  const typing = element(
    'div',
    { class: 'message agent-says typing', 'aria-label': 'The agent is typing' },
    dots,
  );
  const input = element('textarea', { 'aria-label': 'Message', placeholder: 'Write a message', rows: '1' });
  const panel = element('div', { role: 'dialog', 'aria-label': 'Messenger', class: 'window' }, [
    createHeader(actions),
    agent,
    log,
    createForm(input, actions.send),
    element('footer', {}, ['Genesys Cloud emulator']),
  ]);
  panel.hidden = true;
  panel.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') actions.minimize();
  });
  root.append(panel);
  whenBody(() => document.body.append(host));

  const shown = new Map<string, HTMLElement>();
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
  };
  const clear = () => {
    shown.clear();
    log.replaceChildren(bubble('agent', GREETING));
  };
  clear();
  showAgent(agent, undefined);

  return {
    open() {
      panel.hidden = false;
      toEnd();
      input.focus();
    },
    close() {
      panel.hidden = true;
    },
    remove: () => host.remove(),
    messages(all) {
      if (all.length === 0) clear();
      for (const message of all) {
        if (shown.has(message.id)) continue;
        const node = bubble(message.from, message.text);
        node.classList.add('new');
        shown.set(message.id, node);
        log.append(node);
      }
      showAgent(
        agent,
        all.findLast(({ from }) => from === 'visitor'),
      );
      toEnd();
    },
    typing(on) {
      if (on) log.append(typing);
      else typing.remove();
      toEnd();
    },
    failed(text, why) {
      const node = bubble('visitor', text);
      node.classList.add('failed');
      log.append(node, element('p', { class: 'why' }, [`Not delivered. ${why}.`]));
      toEnd();
    },
  };
};

const bubble = (from: Message['from'], text: string): HTMLElement =>
  element('div', { class: from === 'visitor' ? 'message visitor' : 'message agent-says', dir: 'auto' }, [
    text,
  ]);

const createHeader = ({ minimize, clear }: ChatActions): HTMLElement => {
  const button = (label: string, paths: readonly string[], work: () => void) => {
    const node = element('button', { type: 'button', 'aria-label': label, title: label }, [icon(...paths)]);
    node.addEventListener('click', work);
    return node;
  };
  return element('header', {}, [
    element('span', { class: 'face' }, [icon(...ICONS.chat)]),
    element('div', { class: 'who' }, [
      element('h2', {}, ['Chat with us']),
      element('p', {}, ['We answer at once']),
    ]),
    button('Clear conversation', ICONS.broom, clear),
    button('Minimize', ICONS.down, minimize),
  ]);
};

const createForm = (input: HTMLTextAreaElement, send: (text: string) => void): HTMLElement => {
  const form = element('form', {}, [
    input,
    element('button', { type: 'submit', 'aria-label': 'Send' }, [icon(...ICONS.send)]),
  ]);
  const submit = () => {
    const text = input.value.trim();
    input.value = '';
    input.focus();
    if (text !== '') send(text);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  return form;
};

/** The agent's desktop shows the custom attributes that came with the visitor's last message, and nothing else. */
const showAgent = (agent: HTMLElement, last: Message | undefined): void => {
  const title = element('h3', {}, ['What the agent sees']);
  const facts = Object.entries(last?.attributes ?? {});
  if (facts.length === 0) {
    const text = last
      ? 'Your last message came without attributes.'
      : 'Nothing yet: attributes ride on your next message.';
    agent.replaceChildren(title, element('p', {}, [text]));
    return;
  }
  const rows = facts.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return element('div', {}, [element('dt', {}, [name]), element('dd', { title: text }, [text])]);
  });
  agent.replaceChildren(title, element('dl', {}, rows));
};
