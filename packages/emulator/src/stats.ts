// What the emulator was asked, counted in memory that a million calls do not grow.
import { parseRetryAfter } from '@genesys-guest/common';
import { createBusiestMinute } from './busiest-minute.ts';

/** Requests on the guest socket, called as its actions are. */
export const SOCKET_CALLS = [
  'configureSession',
  'configureAuthenticatedSession',
  'onMessage',
  'echo',
  'getJwt',
  'closeSession',
] as const;

/** What the emulator itself asks of the OpenID provider. */
export const PROVIDER_CALLS = ['discovery', 'jwks', 'providerToken', 'userinfo'] as const;

export const CALLS = [
  'oauthToken',
  'guestTokens',
  'bootstrap',
  'config',
  'domains',
  'tokenFrame',
  'exchange',
  'refresh',
  'revoke',
  'messages',
  'socket',
  ...SOCKET_CALLS,
  ...PROVIDER_CALLS,
] as const;

/** What can be asked of the emulator, and be told to fail. */
export type Call = (typeof CALLS)[number];

/** Guests whose calls are counted one by one; the one counted first is forgotten first. */
const GUESTS = 100_000;
/** Newest entries that each list keeps. */
const ENTRIES = 10_000;

/** An answer that told the caller to stay away. Times in milliseconds since 1970. */
export interface Pause {
  /** Which call. */
  readonly call: Call;
  /** When it was answered. */
  readonly at: number;
  /** When the next may come. */
  readonly until: number;
  /** The status of the answer. */
  readonly status: number;
}

/** A call that came before the time that the last such answer named. */
export interface EarlyCall {
  /** Which call. */
  readonly call: Call;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since the answer that named the time: a call that was on its way already has a small one. */
  readonly afterAnswer: number;
  /** Milliseconds by which it came too early. */
  readonly tooEarlyBy: number;
}

/** By the names of calls: those that arrived, whatever became of them. */
export interface EmulatorStats extends Readonly<Record<Call, number>> {
  /** Calls to where the `redirect` fault points: none, if redirects are not followed. */
  readonly redirected: number;
  /** Answers by status; `reset` and `hang` where a fault gave none. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Tokens given out, to how many guests, and the most that one guest got. */
  readonly perGuest: Readonly<Record<'issued' | 'guests' | 'max', number>>;
  /** The most calls in any 60 seconds; `all` is OAuth and guest tokens together. */
  readonly busiestMinute: Readonly<Record<'oauthToken' | 'guestTokens' | 'all', number>>;
  /** Connections opened since the start, and open now. */
  readonly connections: Readonly<Record<'opened' | 'open', number>>;
  /** Answers with a `Retry-After`, the newest 10,000. */
  readonly pauses: readonly Pause[];
  /** Calls that did not wait as told, the newest 10,000, and how many there were. */
  readonly early: readonly EarlyCall[];
  /** How many calls did not wait. */
  readonly earlyCount: number;
  /** Guest tokens given out, the newest 10,000. */
  readonly issued: readonly Readonly<Record<'externalId', string> & Record<'at', number>>[];
  /** When calls arrived, the newest 10,000 of each. */
  readonly arrivals: Readonly<Record<'oauthToken' | 'guestTokens', readonly number[]>>;
}

export interface Stats {
  arrived(call: Call): void;
  answered(call: Call | undefined, status: number | string, retryAfter?: string): void;
  issued(externalId: string): void;
  redirected(): void;
  connected(): void;
  disconnected(): void;
  snapshot(): EmulatorStats;
  reset(): void;
}

/** A list that drops the oldest half when it is full: cheaper for each entry than a ring, and never above the bound twice. */
const createNewest = <T>(most: number) => {
  let entries: T[] = [];
  return {
    add(entry: T) {
      entries.push(entry);
      if (entries.length >= most * 2) entries = entries.slice(-most);
    },
    list: (): readonly T[] => entries.slice(-most),
    clear() {
      entries = [];
    },
  };
};

interface PauseLists {
  readonly pauses: { add(pause: Pause): void };
  readonly early: { add(call: EarlyCall): void };
  readonly totals: { early: number };
}

/** Notes each pause that was asked for, and each call that did not keep it. */
const createPauseNotes = (now: () => number, { pauses, early, totals }: PauseLists) => {
  const paused: Partial<Record<Call, Pause>> = {};

  const noteEarly = (call: Call, at: number) => {
    const pause = paused[call];
    if (pause === undefined || at >= pause.until) return;
    totals.early += 1;
    early.add({ call, at, afterAnswer: at - pause.at, tooEarlyBy: pause.until - at });
  };

  const notePause = (call: Call, status: number, retryAfter: string) => {
    const at = now();
    const seconds = parseRetryAfter(retryAfter, at);
    if (seconds === undefined) return;
    const pause = { call, at, until: at + seconds * 1000, status };
    pauses.add(pause);
    if (pause.until > (paused[call]?.until ?? 0)) paused[call] = pause;
  };

  const forgetPauses = (): void => {
    for (const call of CALLS) delete paused[call];
  };

  return { noteEarly, notePause, forgetPauses };
};

interface ConnectionTotals {
  redirected: number;
  opened: number;
  open: number;
}

const createConnectionCounts = (
  totals: ConnectionTotals,
): Pick<Stats, 'redirected' | 'connected' | 'disconnected'> => ({
  redirected() {
    totals.redirected += 1;
  },
  connected() {
    totals.opened += 1;
    totals.open += 1;
  },
  disconnected() {
    totals.open -= 1;
  },
});

export const createStats = (now: () => number): Stats => {
  const calls = Object.fromEntries(CALLS.map((call) => [call, 0])) as Record<Call, number>;
  const byStatus = new Map<string, number>();
  const perGuest = new Map<string, number>();
  const minutes = {
    oauthToken: createBusiestMinute(),
    guestTokens: createBusiestMinute(),
    all: createBusiestMinute(),
  };
  const pauses = createNewest<Pause>(ENTRIES);
  const early = createNewest<EarlyCall>(ENTRIES);
  const issued = createNewest<{ externalId: string; at: number }>(ENTRIES);
  const arrivals = { oauthToken: createNewest<number>(ENTRIES), guestTokens: createNewest<number>(ENTRIES) };
  const totals = { redirected: 0, issued: 0, mostPerGuest: 0, early: 0, opened: 0, open: 0 };

  const { noteEarly, notePause, forgetPauses } = createPauseNotes(now, { pauses, early, totals });

  const snapshot = (): EmulatorStats => ({
    ...calls,
    redirected: totals.redirected,
    byStatus: Object.fromEntries(byStatus),
    perGuest: { issued: totals.issued, guests: perGuest.size, max: totals.mostPerGuest },
    busiestMinute: {
      oauthToken: minutes.oauthToken.most,
      guestTokens: minutes.guestTokens.most,
      all: minutes.all.most,
    },
    connections: { opened: totals.opened, open: totals.open },
    pauses: pauses.list(),
    early: early.list(),
    earlyCount: totals.early,
    issued: issued.list(),
    arrivals: { oauthToken: arrivals.oauthToken.list(), guestTokens: arrivals.guestTokens.list() },
  });

  return {
    arrived(call) {
      calls[call] += 1;
      if (call !== 'oauthToken' && call !== 'guestTokens') return;
      const at = now();
      arrivals[call].add(at);
      minutes[call].arrive(at);
      minutes.all.arrive(at);
      noteEarly(call, at);
    },
    answered(call, status, retryAfter) {
      const name = String(status);
      byStatus.set(name, (byStatus.get(name) ?? 0) + 1);
      if (call !== undefined && retryAfter !== undefined) notePause(call, Number(status), retryAfter);
    },
    issued(externalId) {
      const count = (perGuest.get(externalId) ?? 0) + 1;
      perGuest.set(externalId, count);
      if (perGuest.size > GUESTS) perGuest.delete(perGuest.keys().next().value as string);
      totals.issued += 1;
      totals.mostPerGuest = Math.max(totals.mostPerGuest, count);
      issued.add({ externalId, at: now() });
    },
    ...createConnectionCounts(totals),
    snapshot,
    reset() {
      for (const call of CALLS) calls[call] = 0;
      forgetPauses();
      for (const map of [byStatus, perGuest]) map.clear();
      for (const minute of Object.values(minutes)) minute.reset();
      for (const list of [pauses, early, issued, ...Object.values(arrivals)]) list.clear();
      Object.assign(totals, { redirected: 0, issued: 0, mostPerGuest: 0, early: 0, opened: 0 });
    },
  };
};
