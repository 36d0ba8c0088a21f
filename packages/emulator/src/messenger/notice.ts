// The line above the input: what the visitor can do besides writing, or must do first.
import type { Notice } from './conversation.ts';
import { element } from './dom.ts';

const TEXTS: Readonly<Record<Exclude<Notice, 'none'>, string>> = {
  'read-only': 'The agent has ended this conversation.',
  'sign-in': 'Sign in to chat with us.',
  'step-up': 'You are chatting as a guest.',
};

export const createNotice = (actions: {
  reset(): void;
  stepUp(): void;
}): { readonly node: HTMLElement; show(notice: Notice): void } => {
  const node = element('div', { role: 'status', class: 'notice' });
  const button = (label: string, work: () => void) => {
    const made = element('button', { type: 'button' }, [label]);
    made.addEventListener('click', work);
    return made;
  };
  const buttons: Partial<Record<Notice, HTMLElement>> = {
    'read-only': button('Start a new chat', actions.reset),
    'step-up': button('Sign in', actions.stepUp),
  };
  node.hidden = true;
  return {
    node,
    show(notice) {
      node.hidden = notice === 'none';
      if (notice === 'none') return node.replaceChildren();
      const possible = buttons[notice];
      return node.replaceChildren(TEXTS[notice], ...(possible ? [possible] : []));
    },
  };
};
