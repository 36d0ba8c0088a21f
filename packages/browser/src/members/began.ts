// Remembers who began the current anonymous conversation, for as long as a tab lives that was open then.
import type { OnboardingConfig } from '@genesys-guest/common';
import { sha256 } from './pkce.ts';

/** Characters of a hash: enough to tell one visitor of this browser from the next, too few to find an id by. */
const LENGTH = 12;

export interface Began {
  /** Notes that this visitor has begun a conversation, and tells the other tabs. */
  note(config: OnboardingConfig): Promise<void>;
  /** Compares the visitor of now: one with another cookie did not begin the conversation. */
  check(config: OnboardingConfig): Promise<void>;
  /** Whether it began in this browser session, and nobody else was here since. */
  isHere(): boolean;
  /** The conversation is over. */
  forget(): void;
}

export const createBegan = (deploymentId: string, signal: AbortSignal): Began => {
  const key = `genesys-guest:began:${deploymentId}`;
  const read = (): string | null => {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const write = (mark: string | null) => {
    try {
      if (mark === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, mark);
    } catch {
      // Without storage nobody knows who began it, so no member takes it over.
    }
  };
  const tell = shareWithTabs(key, signal, read, write);
  const share = (mark: string | null) => {
    write(mark);
    tell(mark);
  };
  /** Empty for a visitor who has no cookie yet, or where visitors get none. */
  const markOf = async ({ externalId }: OnboardingConfig): Promise<string> =>
    externalId ? (await sha256(externalId)).slice(0, LENGTH) : '';

  return {
    note: async (config) => share(await markOf(config)),
    async check(config) {
      const mark = read();
      if (mark === null || config.member) return;
      const now = await markOf(config);
      if (!mark || !now) write(mark || now);
      else if (mark !== now) write(null);
    },
    isHere: () => read() !== null,
    forget: () => share(null),
  };
};

/** A tab that comes later asks those that were there. @returns what tells them */
const shareWithTabs = (
  name: string,
  signal: AbortSignal,
  read: () => string | null,
  write: (mark: string | null) => void,
): ((mark: string | null) => void) => {
  try {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => {
      if (data !== undefined) write(data);
      else if (read() !== null) channel.postMessage(read());
    };
    signal.addEventListener('abort', () => channel.close());
    channel.postMessage(undefined);
    return (mark) => !signal.aborted && channel.postMessage(mark);
  } catch {
    // An old browser: each tab for itself.
    return () => {};
  }
};
