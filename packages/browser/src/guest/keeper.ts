// Keeps the token of a visitor fresh, and what is known of who that is; shares both with the other tabs.
import type { OnboardingConfig } from '@genesys-guest/common';
import { emit } from '../events.ts';
import {
  adopt,
  ask,
  configOf,
  drop,
  expiryOf,
  type Inquiry,
  isCookieBlocked,
  plan,
  tokenOf,
} from './inquiry.ts';
import type { KeeperTools, Message, StartKeeper } from './ports.ts';
import { createRenewal, NEVER } from './renewal.ts';

/** Ms by which another tab's token must last longer than ours before we take it. */
const NOTICEABLE = 1_000;

/** Hears what the other tabs got. */
const takeFromTabs = (inquiry: Inquiry, [answer, at]: Message, refresh: () => void) => {
  const { newest, now } = inquiry;
  if (!answer || answer.webchatId !== newest?.webchatId) return;
  if (answer.externalId !== newest.externalId) refresh();
  else if (answer.guestToken) {
    const anchor = now() - Math.max(0, Date.now() - (at as number));
    if (!tokenOf(inquiry) || expiryOf(answer, anchor) > inquiry.expiry + NOTICEABLE) {
      adopt(inquiry, answer, anchor);
    }
  }
};

/** Looks at the clock whenever the page may have slept. */
const watchPage = ({ signal, renewal }: Inquiry) => {
  const wake = ({ type }: Event) => (type === 'online' ? renewal.hurry() : renewal.check());
  for (const type of ['focus', 'online', 'pageshow', 'visibilitychange', 'resume']) {
    // What happens to the document passes by the window first.
    window.addEventListener(type, wake, { signal, capture: true });
  }
};

const startInquiry = (tools: KeeperTools): Inquiry => {
  const inquiry = {
    ...tools,
    anchor: 0,
    expiry: NEVER,
    refused: 0,
    strange: 0,
  } as unknown as Inquiry;
  const { now, signal } = inquiry;
  inquiry.renewal = createRenewal(
    now,
    signal,
    () => ask(inquiry),
    () => {
      if (now() >= inquiry.expiry) {
        drop(inquiry);
        emit('expired');
      }
      return inquiry.expiry;
    },
  );
  return inquiry;
};

/** Due until there is an answer: a failure is tried again. */
const begin = (inquiry: Inquiry, identifying: Inquiry['identifying'] = true) => {
  inquiry.identifying = identifying;
  inquiry.renewal.schedule(inquiry.now(), 0);
};

const useToken = (inquiry: Inquiry) => {
  inquiry.used = true;
  if (inquiry.newest && !inquiry.identifying) plan(inquiry);
};

/** Asks, but not with the one that is under way: it may have asked before what we want to know had happened. */
const askAnew = async (inquiry: Inquiry, want: () => void) => {
  await inquiry.renewal.idle();
  inquiry.signal.throwIfAborted();
  want();
  await inquiry.renewal.run();
  return configOf(inquiry) as OnboardingConfig;
};

export const startKeeper: StartKeeper = (tools) => {
  const inquiry = startInquiry(tools);
  const { renewal } = inquiry;

  const use = () => useToken(inquiry);
  const refresh = (how?: 2) => askAnew(inquiry, () => begin(inquiry, how));
  const renew = () =>
    askAnew(inquiry, () => {
      inquiry.refused = NEVER;
      use();
    });

  watchPage(inquiry);
  begin(inquiry);
  return {
    config: () => configOf(inquiry),
    token: () => tokenOf(inquiry),
    use,
    async getToken() {
      await renewal.idle();
      if (tokenOf(inquiry)) use();
      else await renew();
      const token = tokenOf(inquiry);
      if (token) return token;
      throw inquiry.guestError(isCookieBlocked(inquiry) ? 'cookie_blocked' : 'upstream_unavailable');
    },
    renew,
    refresh,
    async hear(message) {
      // The first answer is at hand, but a moment away.
      if (!inquiry.newest) await renewal.idle();
      takeFromTabs(inquiry, message, () => refresh(2).catch(() => {}));
    },
  };
};
