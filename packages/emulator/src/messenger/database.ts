// The plugin `Database`: facts of the page that ride on the visitor's next message.
import type { Bus, CommandEvent } from './bus.ts';

type Facts = Readonly<Record<string, unknown>>;

const isFacts = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `set` merges the custom attributes, and everything else, by their top keys. */
const shallow = (base: Facts, more: Facts): Facts => {
  const merged: Record<string, unknown> = { ...base, ...more };
  if (isFacts(base['messaging']) && isFacts(more['messaging'])) {
    const attributes = { ...attributesOf(base), ...attributesOf(more) };
    merged['messaging'] = { ...base['messaging'], ...more['messaging'], customAttributes: attributes };
  }
  return merged;
};

const deep = (base: Facts, more: Facts): Facts => {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(more)) {
    const before = merged[key];
    merged[key] = isFacts(before) && isFacts(value) ? deep(before, value) : value;
  }
  return merged;
};

/** The custom attributes that go with a message. */
export const attributesOf = (facts: unknown): Facts => {
  const messaging = isFacts(facts) ? facts['messaging'] : undefined;
  const attributes = isFacts(messaging) ? messaging['customAttributes'] : undefined;
  return isFacts(attributes) ? attributes : {};
};

const at = (facts: Facts, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (isFacts(value) ? value[key] : undefined), facts);

const without = (facts: Facts, [key = '', ...rest]: readonly string[]): Facts => {
  const { [key]: value, ...others } = facts;
  return rest.length > 0 && isFacts(value) ? { ...others, [key]: without(value, rest) } : others;
};

const nameOf = ({ data }: CommandEvent): string => (typeof data['name'] === 'string' ? data['name'] : '');

export interface Database {
  facts(): Facts;
  /** Forgets every fact, as when a conversation is over. */
  empty(): void;
  ready(): void;
}

export const registerDatabase = (bus: Bus): Database => {
  const plugin = bus.plugin('Database');
  let facts: Facts = {};
  const change = (next: Facts, event: CommandEvent) => {
    facts = next;
    plugin.publish('updated', structuredClone(facts));
    event.resolve(structuredClone(facts));
  };
  const merge = (how: (base: Facts, more: Facts) => Facts) => (event: CommandEvent) => {
    if (Object.keys(event.data).length === 0) event.reject('No data provided');
    else change(how(facts, structuredClone(event.data)), event);
  };
  plugin.registerCommand('set', merge(shallow));
  plugin.registerCommand('update', merge(deep));
  plugin.registerCommand('get', (event) => {
    const name = nameOf(event);
    const value = name === '' ? facts : at(facts, name.split('.'));
    if (value === undefined) event.reject(`${name} is not in the database`);
    else event.resolve(structuredClone(value));
  });
  plugin.registerCommand('remove', (event) => {
    const path = nameOf(event).split('.');
    if (at(facts, path) === undefined) event.reject(`${nameOf(event)} is not in the database`);
    else {
      facts = without(facts, path);
      plugin.publish('removed', structuredClone(facts));
      event.resolve(structuredClone(facts));
    }
  });
  return {
    facts: () => facts,
    empty() {
      facts = {};
      plugin.publish('removed', {});
    },
    ready: plugin.ready,
  };
};
