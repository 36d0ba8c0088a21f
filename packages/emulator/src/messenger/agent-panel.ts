// What the agent is shown of the visitor: what they say of themselves, and apart from it what is proven.
import { element } from './dom.ts';
import type { Message, Proven } from './wire.ts';

export interface AgentPanel {
  readonly nodes: readonly HTMLElement[];
  /** The custom attributes that came with the visitor's last message; anybody can write anything there. */
  said(last: Message | undefined): void;
  proven(proven: Proven): void;
}

const rowsOf = (facts: Readonly<Record<string, unknown>>): HTMLElement =>
  element(
    'dl',
    {},
    Object.entries(facts).map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return element('div', {}, [element('dt', {}, [name]), element('dd', { title: text }, [text])]);
    }),
  );

/** Without `members` nobody can be proven, and nothing is to be told apart. */
export const createAgentPanel = (members: boolean): AgentPanel => {
  const saidNode = element('section', { 'aria-label': 'What the agent sees', class: 'agent' });
  const provenNode = element('section', { 'aria-label': 'What is proven', class: 'agent proven' });
  const fill = (node: HTMLElement, title: string, content: HTMLElement) =>
    node.replaceChildren(element('h3', {}, [title]), content);

  const said = (last: Message | undefined) => {
    const facts = last?.channel?.metadata?.customAttributes ?? {};
    const text = last
      ? 'Your last message came without attributes.'
      : 'Nothing yet: attributes ride on your next message.';
    const content = Object.keys(facts).length > 0 ? rowsOf(facts) : element('p', {}, [text]);
    fill(saidNode, members ? 'Said by the visitor' : 'What the agent sees', content);
  };
  const proven = ({ isAuthenticated, ...facts }: Proven) => {
    fill(provenNode, 'Proven by the site', rowsOf({ IsAuthenticated: String(isAuthenticated), ...facts }));
  };
  said(undefined);
  proven({ isAuthenticated: false });
  provenNode.hidden = !members;
  return { nodes: [saidNode, provenNode], said, proven };
};
