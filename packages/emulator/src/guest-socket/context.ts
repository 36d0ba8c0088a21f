// What the actions of a connection work with.
import type { Faults } from '../faults.ts';
import type { Login, Logins } from '../members/logins.ts';
import type { Refusals } from '../members/refusals.ts';
import type { Settings } from '../settings.ts';
import type { Stats } from '../stats.ts';
import type { Agent } from './agent.ts';
import type { Device, Session, Sessions } from './sessions.ts';

/** What all connections share. */
export interface Guests {
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly logins: Logins;
  readonly refusals: Refusals;
  readonly agent: Agent;
  readonly faults: Faults;
  readonly stats: Stats;
  readonly now: () => number;
  /** A JWT with which this session's history can be read until `exp`, in seconds since 1970. */
  historyJwt(session: Session, exp: number): string;
}

export interface Connection extends Device {
  readonly deploymentId: string;
  session: Session | undefined;
  token: string | undefined;
  /** Who configured the session; `undefined` for an anonymous visitor. */
  login: Login | undefined;
  /** The member has signed out, here or on another device. */
  signedOut: boolean;
}
