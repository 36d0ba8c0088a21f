// The guest socket's whole world: sessions, their agent, and who may read a history.
import { randomBytes } from 'node:crypto';
import type { Faults } from '../faults.ts';
import { readJwt, signJwt } from '../members/jwt.ts';
import type { Logins } from '../members/logins.ts';
import type { Refusals } from '../members/refusals.ts';
import type { Settings } from '../settings.ts';
import type { Stats } from '../stats.ts';
import { createAgent } from './agent.ts';
import type { Guests } from './context.ts';
import { createSessions, type Session } from './sessions.ts';

export interface GuestWorld extends Guests {
  /** The session whose history this JWT opens. */
  readerOf(jwt: string): Session | undefined;
  reset(): void;
}

export const createGuests = (parts: {
  readonly settings: Settings;
  readonly logins: Logins;
  readonly refusals: Refusals;
  readonly faults: Faults;
  readonly stats: Stats;
}): GuestWorld => {
  const { now, conversationDisconnect } = parts.settings;
  const key = randomBytes(32);
  const sessions = createSessions(now);
  const agent = createAgent(sessions, now, conversationDisconnect);
  return {
    ...parts,
    now,
    sessions,
    agent,
    historyJwt: ({ conversationId }, exp) => signJwt(key, { sub: conversationId, exp }),
    readerOf(jwt) {
      const claims = readJwt(key, jwt);
      if (claims === undefined || now() >= claims.exp * 1000) return undefined;
      return sessions.ofConversation(String(claims['sub']));
    },
    reset() {
      agent.reset();
      sessions.reset();
    },
  };
};
