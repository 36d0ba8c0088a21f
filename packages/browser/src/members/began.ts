// Who began the anonymous conversation that goes on: remembered for as long as the browser's tab lives.
import type { OnboardingConfig } from '@genesys-guest/common';
import { sha256 } from './pkce.ts';

/** Characters of a hash: enough to tell one visitor of this browser from the next, too few to find an id by. */
const LENGTH = 12;

export interface Began {
  /** A conversation has begun in this tab, while the visitor was this one. */
  note(config: OnboardingConfig): Promise<void>;
  /** Who the visitor is now: one whose cookie is another did not begin it. */
  check(config: OnboardingConfig): Promise<void>;
  /** It began in this tab, and since then nobody else was here. */
  isHere(): boolean;
  /** The conversation is over. */
  forget(): void;
}

export const createBegan = (deploymentId: string): Began => {
  const key = `genesys-guest:began:${deploymentId}`;
  const read = (): string | null => {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const write = (mark: string | undefined) => {
    try {
      if (mark === undefined) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, mark);
    } catch {
      // A conversation of unknown beginning is not taken over.
    }
  };
  /** Empty for a visitor who has no cookie yet, or where visitors get none. */
  const markOf = async ({ externalId }: OnboardingConfig): Promise<string> =>
    externalId ? (await sha256(externalId)).slice(0, LENGTH) : '';

  return {
    note: async (config) => write(await markOf(config)),
    async check(config) {
      const mark = read();
      if (mark === null || config.member) return;
      const now = await markOf(config);
      if (!mark || !now) write(mark || now);
      else if (mark !== now) write(undefined);
    },
    isHere: () => read() !== null,
    forget: () => write(undefined),
  };
};
