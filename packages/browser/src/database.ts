// What the agent sees: our attributes in Messenger's database, merged with what is there and never too large to send.
import { type Attributes, CUSTOM_ATTRIBUTES_BYTES } from '@genesys-guest/common';
import { command, type Messenger } from './messenger.ts';

const PATH = 'messaging.customAttributes';

type CustomAttributes = Record<string, unknown>;

const fits = (attributes: CustomAttributes): boolean =>
  new TextEncoder().encode(JSON.stringify(attributes)).length <= CUSTOM_ATTRIBUTES_BYTES;

/**
 * Puts ours in place of what we had put there before. Call it after `Database.ready`, one call at a time.
 *
 * @returns whether ours fit beside what is there; if not, they are left out, all of them
 */
export const putAttributes = async (messenger: Messenger, ours: Attributes): Promise<boolean> => {
  const before = messenger.attributes;
  const stored = (await command('Database.get', { name: PATH }).catch(() => ({}))) as CustomAttributes;
  const others = Object.fromEntries(Object.entries(stored ?? {}).filter(([key]) => !before.includes(key)));
  const whole = { ...others, ...ours };
  const fitting = fits(whole);
  // Messenger merges what it is given, so what is stale has to go first.
  if (before.length > 0) await command('Database.remove', { name: PATH }).catch(() => {});
  await command('Database.set', { messaging: { customAttributes: fitting ? whole : others } });
  messenger.attributes = fitting ? Object.keys(ours) : [];
  return fitting;
};
