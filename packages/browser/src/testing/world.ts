// A world for the simulated month: true time, the page's two clocks and timers, sleep, throttling, a server that has its days.
import type { OnboardingConfig } from '@genesys-guest/common';
import type { Api } from '../api.ts';
import { guestError } from '../errors.ts';
import { startKeeper } from '../guest/keeper.ts';
import { createGuest, type Guest } from '../guest.ts';
import { MESSENGER } from './server.ts';

/** One stretch of time, in seconds, as a person would tell it. */
export type Stretch =
  | { readonly awake: number }
  /** The laptop is closed: no timer fires. Some systems stop the monotonic clock, and some tell the page when it is over. */
  | { readonly asleep: number; readonly monotonicStops: boolean; readonly told: boolean }
  | { readonly hidden: number }
  | { readonly offline: number }
  | { readonly serverFails: number }
  | { readonly limited: number; readonly retryAfter: number }
  /** The wall clock is set by so many seconds; the page sees a minute of it before anything else happens. */
  | { readonly clockSetBy: number };

export interface Life {
  /** Seconds that a token lives. */
  readonly lifetime: number;
  /** Seconds by which the page's wall clock is wrong from the start. */
  readonly skew: number;
  /** Ms that an answer takes. */
  readonly latency: number;
  readonly seed: number;
  readonly stretches: readonly Stretch[];
}

export interface Report {
  /** When, by true time in seconds, an expired token was shown as good. */
  readonly lies: number[];
  /** When the page was without a token although it could have had one for longer than a back-off step. */
  readonly lapses: number[];
  /** When a request came sooner after a failed one than the back-off allows. */
  readonly storms: number[];
  readonly renewals: number;
  readonly expiries: number;
}

/** Browsers let the timers of a hidden page fire once a minute. */
const THROTTLE = 60_000;
const LONGEST_STEP = 121_000;

type Weather = 'fine' | 'offline' | 'fails' | 'limited';

/** A small generator, so that a failing life fails again (mulberry32). */
const random = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const replace = (owner: object, name: string, by: unknown): (() => void) => {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { configurable: true, writable: true, value: by });
  return () => {
    if (before) Object.defineProperty(owner, name, before);
    else Reflect.deleteProperty(owner, name);
  };
};

export const live = async (life: Life, days: number): Promise<Report> => {
  const start = Date.UTC(2026, 10, 23);
  const end = days * 86_400_000;
  let time = 0;
  let stopped = 0;
  let wallOffset = life.skew * 1000;
  let weather: Weather = 'fine';
  let retryAfter = 0;
  let hidden = false;
  let nextTimer = 1;
  let asking = 0;
  const timers = new Map<number, { at: number; work: () => void }>();
  const report = { lies: [], lapses: [], storms: [], renewals: 0, expiries: 0 } as {
    -readonly [Key in keyof Report]: Report[Key];
  };
  const expiries = new Map<string, number>();
  let failedAt = Number.NEGATIVE_INFINITY;
  let floor = 0;
  /** Ms by which the page's clock was set forward since: to the page, that much more has passed. */
  let ahead = 0;

  const mono = () => time - stopped;
  const setTimer = (work: () => void, ms = 0): number => {
    nextTimer += 1;
    // As in a browser, no timer fires within the millisecond that set it.
    timers.set(nextTimer, { at: mono() + Math.max(1, Math.ceil(ms)), work });
    return nextTimer;
  };

  const answer = (): OnboardingConfig => {
    if (weather !== 'fine') {
      failedAt = time;
      ahead = 0;
      floor = weather === 'limited' ? retryAfter * 1000 : 1000;
      throw weather === 'limited' ? guestError('too_many_guests', retryAfter) : guestError('config_failed');
    }
    failedAt = Number.NEGATIVE_INFINITY;
    report.renewals += 1;
    const guestToken = `token-${report.renewals}`;
    expiries.set(guestToken, time + life.lifetime * 1000);
    const renewBefore = Math.min(300, life.lifetime / 2);
    return {
      environment: '',
      webchatId: 'w',
      externalId: 'anna',
      guestToken,
      expiresIn: life.lifetime,
      renewIn: Math.ceil(life.lifetime - renewBefore),
      messenger: MESSENGER,
    };
  };

  const ask = (): Promise<OnboardingConfig> => {
    if (time + ahead - failedAt < floor) report.storms.push(time / 1000);
    asking += 1;
    return new Promise((resolve, reject) => {
      setTimer(() => {
        asking -= 1;
        try {
          resolve(answer());
        } catch (error) {
          reject(error);
        }
      }, life.latency);
    });
  };

  // Plain functions: a spy would remember each of the million calls.
  const restore = [
    // One tab alone.
    replace(globalThis, 'BroadcastChannel', undefined),
    replace(globalThis, 'setTimeout', setTimer),
    replace(globalThis, 'clearTimeout', (id: number) => timers.delete(id)),
    replace(performance, 'now', mono),
    replace(Date, 'now', () => start + time + wallOffset),
    replace(Math, 'random', random(life.seed)),
  ];
  const end$ = new AbortController();
  const guest: Guest = createGuest({
    endpoint: 'world',
    api: ask as unknown as Api,
    signal: end$.signal,
    used: false,
    adopt() {},
    fail: (error) => error,
    left() {},
    onForgotten() {},
    load: async () => startKeeper,
  });
  const count = () => {
    report.expiries += 1;
  };
  window.addEventListener('genesys-guest:expired', count);

  /** How long the page could have had a good token. */
  let couldSince = 0;
  const look = () => {
    const token = guest.token();
    if (token !== undefined && time >= (expiries.get(token) as number)) report.lies.push(time / 1000);
    const patience = LONGEST_STEP + floor + THROTTLE + life.latency;
    if (token === undefined && weather === 'fine' && time - couldSince > patience) {
      report.lapses.push(time / 1000);
      couldSince = time;
    }
    if (token !== undefined || weather !== 'fine') couldSince = time;
  };

  const settle = async () => {
    for (let i = 0; i < 12; i += 1) await Promise.resolve();
  };

  const pass = async (ms: number) => {
    const until = Math.min(time + ms, end);
    for (;;) {
      let first: [number, { at: number; work: () => void }] | undefined;
      for (const entry of timers) if (!first || entry[1].at < first[1].at) first = entry;
      if (!first) break;
      const due = Math.max(time, first[1].at + stopped);
      const at = hidden && asking === 0 ? Math.ceil(due / THROTTLE) * THROTTLE : due;
      if (at > until) break;
      time = at;
      timers.delete(first[0]);
      const before = asking;
      first[1].work();
      if (asking > 0 || before > 0) await settle();
      look();
    }
    time = until;
    look();
  };

  const during = async (kind: Weather, seconds: number) => {
    weather = kind;
    await pass(seconds * 1000);
    weather = 'fine';
    if (kind === 'offline') window.dispatchEvent(new Event('online'));
    await settle();
  };

  const live = async (stretch: Stretch) => {
    if ('awake' in stretch) await pass(stretch.awake * 1000);
    else if ('offline' in stretch) await during('offline', stretch.offline);
    else if ('serverFails' in stretch) await during('fails', stretch.serverFails);
    else if ('limited' in stretch) {
      retryAfter = stretch.retryAfter;
      await during('limited', stretch.limited);
    } else if ('hidden' in stretch) {
      hidden = true;
      await pass(stretch.hidden * 1000);
      hidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
      await settle();
    } else if ('asleep' in stretch) {
      const ms = Math.min(stretch.asleep * 1000, end - time);
      time += ms;
      if (stretch.monotonicStops) stopped += ms;
      couldSince = time;
      if (stretch.told) document.dispatchEvent(new Event('resume'));
      await settle();
    } else {
      wallOffset += stretch.clockSetBy * 1000;
      ahead += Math.max(0, stretch.clockSetBy * 1000);
      await pass(THROTTLE);
    }
  };

  try {
    guest.start();
    await settle();
    for (const stretch of life.stretches) if (time < end) await live(stretch);
    await pass(end - time);
    return report;
  } finally {
    end$.abort();
    window.removeEventListener('genesys-guest:expired', count);
    for (const undo of restore) undo();
  }
};
