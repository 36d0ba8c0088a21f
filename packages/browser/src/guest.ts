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
  /** Asks who the visitor is, unless that was done, and keeps the token fresh from then on. */
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
  /** Ms of the clock until which the token is good. */
  let expiry = NEVER;
  /** Must we ask who this is? */
  let identify = false;
  /** How often another tab was at it; beyond our patience we do not ask for our turn. */
  let refused = 0;

  const drop = () => {
    token = undefined;
    expiry = NEVER;
  };

  const good = () => (now() < expiry ? token : undefined);
  const current = () => config && ({ ...config, guestToken: good() } as OnboardingConfig);

  /** Ms of the clock until which an answer's token is good. What says no lifetime has none. */
  const expiryOf = ({ expiresIn }: OnboardingConfig, anchor: number) => anchor + (expiresIn as number) * 1000;

  /** Takes an answer for as old as the question. */
  const adopt = (answer: OnboardingConfig, anchor: number) => {
    const { externalId, guestToken, expiresIn, renewIn } = answer;
    const changed = config?.externalId && config.externalId !== externalId;
    const renewed = guestToken && guestToken !== token;
    if (changed) drop();
    config = answer;
    if (guestToken) {
      token = guestToken;
      expiry = expiryOf(answer, anchor);
    }
    refused = 0;
    schedule(anchor, renewIn, expiry);
    onConfig(answer);
    if (changed) emit('changed');
    if (renewed) emit('renewed', { expiresIn });
  };

  const inquire = async (path: '/config' | '/renew', body?: object) => {
    const anchor = now();
    const at = Date.now();
    const answer = await ask(path, body);
    if (signal.aborted) return;
    adopt(answer, anchor);
    tabs.post([answer, at] satisfies Message);
  };

  const whoIsIt = async () => {
    await inquire('/config');
    identify = false;
  };

  /** Someone else's page must first learn whose it is; a first visitor gets a cookie first and a token then. */
  const renewal = async () => {
    const obtain = () => inquire('/renew', { externalId: config?.externalId });
    await obtain().catch((error: GuestError) => {
      if (error.code !== 'guest_changed') throw error;
      drop();
      identify = true;
      return whoIsIt();
    });
    if (!token && isDue()) await obtain();
  };

  const { run, idle, check, schedule, isDue } = createRefresher(
    now,
    signal,
    async () => {
      try {
        if (identify) await whoIsIt();
        if (refused > PATIENCE) await renewal();
        // Another tab's answer may come while we ask for our turn.
        else if (isDue() && !(await tabs.turn(async () => isDue() && renewal()))) {
          refused += 1;
          schedule(now(), PAUSE);
        }
      } catch (error) {
        if (!signal.aborted) onError(error as GuestError);
        throw error;
      }
    },
    () => {
      if (now() >= expiry) {
        drop();
        emit('expired');
      }
      return expiry;
    },
  );

  /** Not with the one that is under way: it may have asked before what we want to know had happened. */
  const after = async (want: () => void) => {
    await idle();
    signal.throwIfAborted();
    want();
    await run();
    return current() as OnboardingConfig;
  };

  /** Due until there is an answer: a failure is tried again. */
  const begin = () => {
    identify = true;
    schedule(now(), 0);
  };

  const refresh = () => after(begin);

  const tabs = joinTabs(`genesys-guest:${endpoint}`, signal, ([answer, at]: Message) => {
    if (!answer) onForgotten();
    else if (answer.webchatId !== config?.webchatId) return;
    else if (answer.externalId !== config.externalId) wake({ persisted: true });
    else if (answer.guestToken) {
      const anchor = now() - Math.max(0, Date.now() - (at as number));
      if (!good() || expiryOf(answer, anchor) > expiry + NOTICEABLE) adopt(answer, anchor);
    }
  });

  /** In the back/forward cache nothing was heard of a sign-in or sign-out. */
  const wake = ({ persisted }: { readonly persisted?: boolean }) => {
    if (persisted && config) refresh().catch(() => {});
    else check();
  };

  for (const type of ['focus', 'online', 'pageshow', 'visibilitychange', 'resume']) {
    // What happens to the document passes by the window first.
    window.addEventListener(type, wake as EventListener, { signal, capture: true });
  }

  return {
    config: current,
    token: good,
    start() {
      if (!config && !identify) begin();
    },
    renew: () =>
      after(() => {
        refused = NEVER;
      }),
    refresh,
    tellForgotten: () => tabs.post([] satisfies Message),
  };
};
