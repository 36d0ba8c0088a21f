// Who the visitor is and the token that goes with it: asked for, kept fresh, shared between tabs.
import type { OnboardingConfig } from '@genesys-guest/common';
import { startClock } from './clock.ts';
import { guestError } from './errors.ts';
import { emit } from './events.ts';
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
import { createRenewal, NEVER } from './renewal.ts';
import { joinTabs } from './tabs.ts';

/** Ms by which another tab's token must last longer than ours before we take it. */
const NOTICEABLE = 1_000;

/** What tabs tell each other: an answer and when it was asked for, or nothing: the visitor was forgotten. */
type Message = readonly [answer?: OnboardingConfig, at?: number];

export interface Guest {
  /** The newest answer, with the token while it is good. */
  config(): OnboardingConfig | undefined;
  token(): string | undefined;
  /** Asks who the visitor is, unless that was done. A member's token is kept fresh from then on. */
  start(): void;
  /** Keeps an anonymous visitor's token fresh, too, from now on. */
  use(): void;
  /** The token, issued if need be. */
  getToken(): Promise<string>;
  renew(): Promise<OnboardingConfig>;
  refresh(): Promise<OnboardingConfig>;
  /** Tells the other tabs that the visitor was forgotten. */
  tellForgotten(): void;
}

/** What it works with, beside what an inquiry is told. `used`: issue an anonymous visitor's token at once. */
export type GuestTools = Pick<Inquiry, 'api' | 'signal' | 'used' | 'onConfig' | 'onError' | 'onLeft'> & {
  readonly endpoint: string;
  /** Another tab was told to forget this visitor. */
  onForgotten(): void;
};

/** Hears what the other tabs got. */
const takeFromTabs = (
  inquiry: Inquiry,
  [answer, at]: Message,
  refresh: () => void,
  onForgotten: () => void,
) => {
  const { newest, now } = inquiry;
  if (!answer) onForgotten();
  else if (answer.webchatId !== newest?.webchatId) return;
  else if (answer.externalId !== newest.externalId) refresh();
  else if (answer.guestToken) {
    const anchor = now() - Math.max(0, Date.now() - (at as number));
    if (!tokenOf(inquiry) || expiryOf(answer, anchor) > inquiry.expiry + NOTICEABLE) {
      adopt(inquiry, answer, anchor);
    }
  }
};

/** Looks at the clock whenever the page may have slept. In the back/forward cache nothing was heard of a sign-in or sign-out. */
const watchPage = ({ signal, renewal }: Inquiry, refresh: () => void) => {
  const wake = ({ type, persisted }: { readonly type: string; readonly persisted?: boolean }) => {
    if (persisted) refresh();
    else if (type === 'online') renewal.hurry();
    else renewal.check();
  };
  for (const type of ['focus', 'online', 'pageshow', 'visibilitychange', 'resume']) {
    // What happens to the document passes by the window first.
    window.addEventListener(type, wake as unknown as EventListener, { signal, capture: true });
  }
};

const startInquiry = (tools: GuestTools): Inquiry => {
  const inquiry = {
    ...tools,
    now: startClock(),
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
const begin = (inquiry: Inquiry) => {
  inquiry.identifying = true;
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

export const createGuest = (tools: GuestTools): Guest => {
  const inquiry = startInquiry(tools);
  const { signal, renewal } = inquiry;

  const use = () => useToken(inquiry);
  const refresh = () => askAnew(inquiry, () => begin(inquiry));
  const refreshQuietly = () => {
    if (inquiry.newest) refresh().catch(() => {});
  };
  const renew = () =>
    askAnew(inquiry, () => {
      inquiry.refused = NEVER;
      use();
    });

  const { tabs } = Object.assign(inquiry, {
    tabs: joinTabs(`genesys-guest:${tools.endpoint}`, signal, (message) =>
      takeFromTabs(inquiry, message, refreshQuietly, tools.onForgotten),
    ),
  });
  watchPage(inquiry, refreshQuietly);

  return {
    config: () => configOf(inquiry),
    token: () => tokenOf(inquiry),
    start() {
      if (!inquiry.newest && !inquiry.identifying) begin(inquiry);
    },
    use,
    async getToken() {
      await renewal.idle();
      if (tokenOf(inquiry)) use();
      const token = tokenOf(inquiry) ?? (await renew()).guestToken;
      if (token) return token;
      throw guestError(isCookieBlocked(inquiry) ? 'cookie_blocked' : 'upstream_unavailable');
    },
    renew,
    refresh,
    tellForgotten: () => tabs.post([] satisfies Message),
  };
};
