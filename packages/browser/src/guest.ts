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
  /** Must we ask who this is, and do the other tabs want to hear it? */
  let identify = false;
  let aloud = false;
  let forced = false;
  let refused = 0;

  const drop = () => {
    token = undefined;
    refresher.expiry = NEVER;
  };

  const good = () => (refresher.isGood() ? token : undefined);
  const current = () => config && ({ ...config, guestToken: good() } as OnboardingConfig);

  /** Takes an answer for as old as the question. */
  const adopt = (answer: OnboardingConfig, anchor: number): void => {
    const { externalId, guestToken, expiresIn, renewIn } = answer;
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
  };

  const inquire = async (path: '/config' | '/renew', tell = true): Promise<void> => {
    const anchor = now();
    const at = Date.now();
    const answer = await ask(path, path === '/renew' ? { externalId: config?.externalId } : undefined);
    if (signal.aborted) return;
    adopt(answer, anchor);
    if (tell) tabs.post([answer, at] satisfies Message);
  };

  const whoIsIt = async (): Promise<void> => {
    await inquire('/config', aloud);
    identify = false;
  };

  /** Someone else's page must first learn whose it is; a first visitor gets a cookie first and a token then. */
  const renewal = async (): Promise<void> => {
    try {
      await inquire('/renew');
    } catch (error) {
      if ((error as GuestError).code !== 'guest_changed') throw error;
      drop();
      identify = aloud = true;
      await whoIsIt();
      if (refresher.isDue()) await inquire('/renew');
    }
    if (!token && refresher.isDue()) await inquire('/renew');
  };

  const journey = async (): Promise<void> => {
    if (identify) await whoIsIt();
    if (forced || refused > PATIENCE) {
      forced = false;
      await renewal();
    } else if (refresher.isDue()) {
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

  const identifyAgain = (tell: boolean) =>
    run(() => {
      identify = true;
      aloud = tell;
      // Due until there is an answer: a failure is tried again.
      refresher.schedule(now(), 0);
    });

  const quietly = () => identifyAgain(false).catch(() => {});

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
      on(window, 'focus pageshow', refresher.check);
      on(document, 'visibilitychange resume', refresher.check);
      on(window, 'online', refresher.hurry);
      // An open channel keeps a page out of the back/forward cache, where nothing is heard of a sign-in or sign-out.
      on(window, 'pagehide', tabs.close);
      on(window, 'pageshow', ({ persisted }) => {
        if (!persisted) return;
        tabs.open();
        quietly();
      });
      identify = aloud = true;
      refresher.schedule(now(), 0);
    },
    renew: () =>
      run(() => {
        forced = true;
      }),
    refresh: () => identifyAgain(true),
    tellForgotten: () => {
      tabs.open();
      tabs.post([] satisfies Message);
      tabs.close();
    },
  };
};
