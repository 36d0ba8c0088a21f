// The chat window: the conversation, and beside it what the agent is shown of the visitor.
import { createAgentPanel } from './agent-panel.ts';
import type { MessagingView } from './conversation.ts';
import { element, ICONS, icon, shadowHost, whenBody } from './dom.ts';
import { createNotice } from './notice.ts';
import type { Message } from './wire.ts';

export interface ChatWindow extends MessagingView {
  open(): void;
  close(): void;
  remove(): void;
}

export interface ChatLook {
  readonly color: string;
  /** Whether the deployment lets visitors clear their conversation. */
  readonly canClear: boolean;
  /** Whether somebody may be proven to the agent. */
  readonly members: boolean;
}

export interface ChatActions {
  send(text: string): void;
  minimize(): void;
  clear(): void;
  /** Begins anew after the agent has ended the conversation. */
  reset(): void;
  /** Signs the visitor in, in the middle of the conversation. */
  stepUp(): void;
}

const GREETING = 'Hello! This is an emulated agent: I say again what you say.';

export const createChatWindow = (look: ChatLook, actions: ChatActions): ChatWindow => {
  const { host, root } = shadowHost('genesys-mxg-container-frame', look.color);
  const log = element('div', { role: 'log', 'aria-label': 'Conversation', class: 'log', tabindex: '0' });
  const agent = createAgentPanel(look.members);
  const notice = createNotice(actions);
  const dots = [element('i'), element('i'), element('i')];
  const typing = element(
    'div',
    { class: 'message agent-says typing', 'aria-label': 'The agent is typing' },
    dots,
  );
  const input = element('textarea', { 'aria-label': 'Message', placeholder: 'Write a message', rows: '1' });
  const panel = element('div', { role: 'dialog', 'aria-label': 'Messenger', class: 'window' }, [
    createHeader(look.canClear, actions),
    ...agent.nodes,
    log,
    notice.node,
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
    log.replaceChildren(bubble('Outbound', GREETING));
  };
  clear();

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
        const node = bubble(message.direction, message.text ?? '');
        node.classList.add('new');
        shown.set(message.id, node);
        log.append(node);
      }
      agent.said(all.findLast(({ direction }) => direction === 'Inbound'));
      toEnd();
    },
    typing(on) {
      if (on) log.append(typing);
      else typing.remove();
      toEnd();
    },
    failed(text, why) {
      const node = bubble('Inbound', text);
      node.classList.add('failed');
      log.append(node, element('p', { class: 'why' }, [`Not delivered. ${why}.`]));
      toEnd();
    },
    proven: agent.proven,
    notice: notice.show,
  };
};

const bubble = (direction: Message['direction'], text: string): HTMLElement =>
  element('div', { class: direction === 'Inbound' ? 'message visitor' : 'message agent-says', dir: 'auto' }, [
    text,
  ]);

const createHeader = (canClear: boolean, { minimize, clear }: ChatActions): HTMLElement => {
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
    ...(canClear ? [button('Clear conversation', ICONS.broom, clear)] : []),
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
