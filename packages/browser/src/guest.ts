// Who the visitor is and the token that goes with it: asked for, kept fresh, shared between tabs.
import type { OnboardingConfig } from '@genesys-guest/common';
import { startClock } from './clock.ts';
import type { Ask } from './config.ts';
import type { GuestError } from './errors.ts';
import { emit } from './events.ts';
import { createRefresher, NEVER } from './refresher.ts';
import { joinTabs } from './tabs.ts';

/** How often a tab leaves the renewal to another one, and for how long each time, seconds. */
const PATIENCE = 5;
const PAUSE = 2;
/** Ms by which another tab's token must last longer than ours before we take it. */
const NOTICEABLE = 1_000;

/** What tabs tell each other: an answer and when it was asked for, or nothing: the visitor was forgotten. */
type Message = readonly [answer?: OnboardingConfig, at?: number];

export interface Guest {
  /** The newest answer, with the token while it is good. */
  config(): OnboardingConfig | undefined;
  token(): string | undefined;
  /** Asks who the visitor is, and keeps the token fresh from then on. */
  start(): void;
  renew(): Promise<OnboardingConfig>;
  refresh(): Promise<OnboardingConfig>;
  /** Tells the other tabs that the visitor was forgotten. */
  tellForgotten(): void;
}

/**
 * @param onConfig there is an answer, or a new one
 * @param onError a try failed, and will be repeated
 * @param onForgotten another tab was told to forget this visitor
 */
export const createGuest = (
  endpoint: string,
  ask: Ask,
  signal: AbortSignal,
  onConfig: (config: OnboardingConfig) => void,
  onError: (error: GuestError) => void,
  onForgotten: () => void,
): Guest => {
  const now = startClock();
  let config: OnboardingConfig | undefined;
  let token: string | undefined;
  let started = false;
  /** Must we ask who this is? */
  let identify = false;
  /** How often another tab was at it; beyond our patience we do not ask for our turn. */
  let refused = 0;

  const drop = () => {
    token = undefined;
    refresher.expiry = NEVER;
  };

  const good = () => (refresher.isGood() ? token : undefined);
  const current = () => config && ({ ...config, guestToken: good() } as OnboardingConfig);

  /** Takes an answer for as old as the question. Is it news? */
  const adopt = (answer: OnboardingConfig, anchor: number): boolean => {
    const { externalId, guestToken, expiresIn, renewIn } = answer;
    const first = !config;
    const changed = config?.externalId && config.externalId !== externalId;
    const renewed = guestToken && guestToken !== token;
    if (changed) drop();
    config = answer;
    if (guestToken) {
      token = guestToken;
      // What says no lifetime has none.
      refresher.expiry = anchor + (expiresIn as number) * 1000;
    }
    refused = 0;
    refresher.schedule(anchor, renewIn, expiresIn);
    onConfig(answer);
    if (changed) emit('changed');
    if (renewed) emit('renewed', { expiresIn });
    return Boolean(first || changed || renewed);
  };

  /** Tabs tell each other only what is news to them: so they never go on telling. */
  const inquire = async (path: '/config' | '/renew', body?: object): Promise<void> => {
    const anchor = now();
    const at = Date.now();
    const answer = await ask(path, body);
    if (!signal.aborted && adopt(answer, anchor)) tabs.post([answer, at] satisfies Message);
  };

  const whoIsIt = async (): Promise<void> => {
    await inquire('/config');
    identify = false;
  };

  const obtain = () => inquire('/renew', { externalId: config?.externalId });

  /** Someone else's page must first learn whose it is; a first visitor gets a cookie first and a token then. */
  const renewal = async (): Promise<void> => {
    try {
      await obtain();
    } catch (error) {
      if ((error as GuestError).code !== 'guest_changed') throw error;
      drop();
      identify = true;
      await whoIsIt();
      if (refresher.isDue()) await obtain();
    }
    if (!token && refresher.isDue()) await obtain();
  };

  const journey = async (): Promise<void> => {
    if (identify) await whoIsIt();
    if (refused > PATIENCE) await renewal();
    else if (refresher.isDue()) {
      // Another tab's answer may come while we ask for our turn.
      const ours = await tabs.turn(async () => refresher.isDue() && renewal());
      if (!ours) {
        refused += 1;
        refresher.schedule(now(), PAUSE);
      }
    }
  };

  const refresher = createRefresher(
    now,
    () =>
      journey().catch((error: GuestError) => {
        if (!signal.aborted) onError(error);
        throw error;
      }),
    () => {
      drop();
      emit('expired');
    },
  );

  /** Not with the one that is under way: it may have asked before what we want to know had happened. */
  const run = async (want: () => void): Promise<OnboardingConfig> => {
    await refresher.idle();
    if (signal.aborted) throw signal.reason;
    want();
    await refresher.run();
    return current() as OnboardingConfig;
  };

  const refresh = () =>
    run(() => {
      identify = true;
      // Due until there is an answer: a failure is tried again.
      refresher.schedule(now(), 0);
    });

  const quietly = () => refresh().catch(() => {});

  const tabs = joinTabs(`genesys-guest:${endpoint}`, ([answer, at]: Message) => {
    if (!answer) onForgotten();
    else if (answer.webchatId !== config?.webchatId) return;
    else if (answer.externalId !== config.externalId) quietly();
    else if (answer.guestToken) {
      const anchor = now() - Math.max(0, Date.now() - (at as number));
      const expiry = anchor + (answer.expiresIn as number) * 1000;
      if (!good() || expiry > refresher.expiry + NOTICEABLE) adopt(answer, anchor);
    }
  });

  const on = (target: EventTarget, types: string, listener: (event: PageTransitionEvent) => void) => {
    for (const type of types.split(' ')) target.addEventListener(type, listener as EventListener, { signal });
  };

  signal.addEventListener('abort', () => {
    refresher.stop();
    tabs.close();
  });

  return {
    config: current,
    token: good,
    start() {
      if (started) return;
      started = true;
      on(window, 'focus online', refresher.check);
      on(document, 'visibilitychange resume', refresher.check);
      on(window, 'pageshow', ({ persisted }) => {
        // In the back/forward cache nothing was heard of a sign-in or sign-out.
        if (persisted) quietly();
        else refresher.check();
      });
      identify = true;
      refresher.schedule(now(), 0);
    },
    renew: () =>
      run(() => {
        refused = NEVER;
      }),
    refresh,
    tellForgotten: () => tabs.post([] satisfies Message),
  };
};
