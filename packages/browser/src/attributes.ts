// What the agent sees: our attributes in Messenger's database, merged with what is there and never too large to send.
import { type Attributes, CUSTOM_ATTRIBUTES_BYTES } from '@genesys-guest/common';
import type { GuestErrorCode } from './errors.ts';
import { command, type Messenger } from './messenger.ts';

const name = 'messaging.customAttributes';

/**
 * Puts ours in place of what we had put there before. Call it after `Database.ready`, one call at a time.
 *
 * @returns whether ours fit beside what is there; if not, they are left out, all of them
 */
const putAttributes = async (messenger: Messenger, ours: Attributes): Promise<boolean> => {
  const before = messenger.attributes;
  const others = { ...((await command('Database.get', { name }).catch(() => {})) as object) } as Attributes;
  for (const key of before) delete (others as Record<string, string>)[key];
  const whole = { ...others, ...ours };
  const fits = new Blob([JSON.stringify(whole)]).size <= CUSTOM_ATTRIBUTES_BYTES;
  const customAttributes = fits ? whole : others;
  // Messenger merges what it is given, so a key that is to disappear takes all with it first.
  if (before.some((key) => !(key in customAttributes))) {
    await command('Database.remove', { name }).catch(() => {});
  }
  await command('Database.set', { messaging: { customAttributes } });
  messenger.attributes = fits ? Object.keys(ours) : [];
  return fits;
};

export interface AttributesWriter {
  /** What the agent shall see, in place of what we gave before. Resolves when it is written. */
  put(attributes?: Attributes): Promise<void>;
  /** Writes again: somebody may have removed them. */
  putAgain(): void;
}

/** @param find the Messenger whose database is ready, if there is one */
export const createAttributesWriter = (
  find: () => Messenger | undefined,
  fail: (code: GuestErrorCode) => void,
): AttributesWriter => {
  let attributes: Attributes = {};
  let written: string | undefined;
  let writing = Promise.resolve();

  const write = async (): Promise<void> => {
    const messenger = find();
    try {
      // The platform takes texts, and might refuse the visitor's message for anything else that page code gives.
      const text = JSON.stringify(attributes, (key, value) => (key ? value?.toString() : value));
      if (text === written || !messenger) return;
      written = text;
      if (!(await putAttributes(messenger, JSON.parse(text)))) fail('attributes_too_large');
    } catch {
      // Page code may give what is no text: the next that it gives must get through.
      written = undefined;
      fail('messenger_timeout');
    }
  };

  /** One after the other; what changes while one is under way is taken along by the next. */
  const put = (wish = attributes) => {
    attributes = wish;
    writing = writing.then(write);
    return writing;
  };

  return {
    put,
    putAgain() {
      written = undefined;
      put();
    },
  };
};
