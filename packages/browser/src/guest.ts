// Who the visitor is: asked once, and told between tabs. Whoever has a token, or uses the chat, gets what keeps it fresh.
import type { OnboardingConfig } from '@genesys-guest/common';
import { startClock } from './clock.ts';
import { guestError } from './errors.ts';
import type { Keeper, KeeperTools, Message, StartKeeper } from './guest/ports.ts';
import { joinTabs } from './tabs.ts';

/** Shortest wait before what keeps the token is fetched again, ms; the longest is twice that. */
const PAUSE = 30_000;

export interface Guest extends Omit<Keeper, 'hear'> {
  /** Asks who the visitor is, unless that was done. A member's token is kept fresh from then on. */
  start(): void;
  /** Tells the other tabs that the visitor was forgotten. */
  tellForgotten(): void;
}

/** `used`: issue an anonymous visitor's token at once. */
export interface GuestTools extends Omit<KeeperTools, 'now' | 'first' | 'post' | 'guestError'> {
  /** Another tab was told to forget this visitor. */
  onForgotten(): void;
  /** Fetches what keeps a token fresh. */
  load(): Promise<StartKeeper>;
}

export const createGuest = (tools: GuestTools): Guest => {
  const { endpoint, api, signal } = tools;
  const now = startClock();
  let { used } = tools;
  let first: KeeperTools['first'] | undefined;
  /** The first answer without its token, whose end nobody watches yet. */
  let known: OnboardingConfig | undefined;
  let keeper: Keeper | undefined;
  let loading: Promise<Keeper> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ask = async () => {
    const anchor = now();
    const at = Date.now();
    const answer = await api('/config');
    signal.throwIfAborted();
    known = { ...answer, guestToken: undefined } as unknown as OnboardingConfig;
    post([answer, at]);
    tools.adopt(answer);
    if (answer.externalId) keep();
    return [answer, anchor] as const;
  };

  const start = () => {
    if (first || signal.aborted) return;
    first = ask();
    // A failure is told, and tried again, by what keeps the token.
    first.catch(() => keep());
    if (used) keep();
  };

  const load = async () => {
    signal.throwIfAborted();
    start();
    clearTimeout(timer);
    loading ??= tools.load().then(
      (startKeeper) => {
        keeper = startKeeper({ ...tools, now, first: first as KeeperTools['first'], used, post, guestError });
        return keeper;
      },
      (error) => {
        loading = undefined;
        timer = setTimeout(keep, PAUSE * (1 + Math.random()));
        throw error;
      },
    );
    return loading;
  };

  /** Fetches it in the background, again and again if need be. */
  const keep = (then?: (keeper: Keeper) => unknown) => {
    load()
      .then(then)
      .catch(() => {});
  };

  const post = joinTabs(`genesys-guest:${endpoint}`, signal, (message: Message) => {
    const [answer] = message;
    if (!answer) tools.onForgotten();
    else if (keeper || (known && answer.externalId !== known.externalId)) keep(({ hear }) => hear(message));
  });

  // In the back/forward cache nothing was heard of a sign-in or sign-out.
  const wake = ({ persisted }: PageTransitionEvent) => {
    if (persisted && known) keep(({ refresh }) => refresh());
  };
  window.addEventListener('pageshow', wake, { signal, capture: true });

  return {
    config: () => keeper?.config() ?? known,
    token: () => keeper?.token(),
    start,
    use() {
      used = true;
      keep(({ use }) => use());
    },
    getToken: async () => (await load()).getToken(),
    renew: async () => (await load()).renew(),
    refresh: async () => (await load()).refresh(),
    tellForgotten: () => post([]),
  };
};
