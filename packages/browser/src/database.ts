// What the agent sees: our attributes in Messenger's database, merged with what is there and never too large to send.
import { type Attributes, CUSTOM_ATTRIBUTES_BYTES } from '@genesys-guest/common';
import { command, type Messenger } from './messenger.ts';

const name = 'messaging.customAttributes';

/**
 * Puts ours in place of what we had put there before. Call it after `Database.ready`, one call at a time.
 *
 * @returns whether ours fit beside what is there; if not, they are left out, all of them
 */
export const putAttributes = async (messenger: Messenger, ours: Attributes): Promise<boolean> => {
  const before = messenger.attributes;
  const others = { ...((await command('Database.get', { name }).catch(() => {})) as object) } as Attributes;
  for (const key of before) delete (others as Record<string, string>)[key];
  const whole = { ...others, ...ours };
  const fits = new Blob([JSON.stringify(whole)]).size <= CUSTOM_ATTRIBUTES_BYTES;
  // Messenger merges what it is given, so what is stale has to go first.
  if (before[0]) await command('Database.remove', { name });
  await command('Database.set', { messaging: { customAttributes: fits ? whole : others } });
  messenger.attributes = fits ? Object.keys(ours) : [];
  return fits;
};
