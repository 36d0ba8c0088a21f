// Keeps the proof of who the guest is fresh while a conversation goes on: it is good for 15 minutes.
import type { OnboardingConfig } from '@genesys-guest/common';
import { startClock } from '../clock.ts';
import { conversationGoesOn } from '../conversation.ts';
import { listen } from '../events.ts';

/** Ms after which a new one is asked for. */
const RENEW_AFTER = 600_000;
/** Ms between two looks at the clock, and until it is asked for again where that failed. */
const SLICE = 30_000;

/** @returns a function to be called with each answer of our server */
export const keepProofFresh = (
  signal: AbortSignal,
  refresh: () => Promise<unknown>,
): ((config: OnboardingConfig) => void) => {
  const now = startClock();
  let due = Infinity;
  let isOpen = false;

  const look = () => {
    if (signal.aborted || now() < due || !(isOpen || conversationGoesOn())) return;
    due = now() + SLICE;
    refresh().catch(() => {});
  };
  const timer = setInterval(look, SLICE);
  signal.addEventListener('abort', () => clearInterval(timer));
  // A computer that slept, and a visitor who comes back to the chat after a while.
  for (const type of ['focus', 'pageshow', 'visibilitychange', 'online']) {
    window.addEventListener(type, look, { signal, capture: true });
  }
  listen(
    'opened',
    () => {
      isOpen = true;
      look();
    },
    signal,
  );
  listen(
    'closed',
    () => {
      isOpen = false;
    },
    signal,
  );
  return ({ proof }) => {
    due = proof ? now() + RENEW_AFTER : Infinity;
  };
};
