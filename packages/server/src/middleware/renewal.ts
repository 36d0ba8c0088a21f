// Gets a visitor a token, and decides what the page is told where that takes long or fails.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clampDelay, type OnboardingConfig } from '@genesys-guest/common';
import { isGuestTokenError } from '../errors.ts';
import type { HandlerSettings } from '../options/settings.ts';
import type { Core, Outcome } from '../tokens/core.ts';
import { guestConfig } from '../tokens/onboarding-config.ts';
import type { KnownVisitor } from '../visitor/recognise.ts';
import type { Gate } from './gate.ts';

/** Seconds until a page asks again whose answer is still being made. */
const SOON = 2;

/** Seconds until a page asks again where the failure does not say how long it lasts. */
const LATER = 30;

/** Seconds until a page asks again where an operator has to act first. */
const MUCH_LATER = 300;

export type Renewal = (
  req: IncomingMessage,
  res: ServerResponse,
  visitor: KnownVisitor,
) => Promise<OnboardingConfig>;

/** @throws GuestTokenError in the mode `fail`, and in both where this visitor is refused */
export const createRenewal = (
  core: Core,
  base: OnboardingConfig,
  settings: HandlerSettings,
  gate: Gate,
): Renewal => {
  const { webchatId, whenUnavailable, patience, log } = settings;

  const configOf = ({ guest }: KnownVisitor, outcome: Partial<Outcome>): OnboardingConfig =>
    guestConfig(base, guest, outcome.token, core.settings, core.now(), outcome.retryIn);

  const renew = async (req: IncomingMessage, visitor: KnownVisitor, signal: AbortSignal) => {
    const { guest, identified } = visitor;
    try {
      return configOf(
        visitor,
        await core.renew(webchatId, guest, { identified, signal, gate: () => gate(req, visitor) }),
      );
    } catch (error) {
      if (!isGuestTokenError(error)) {
        log('error', 'A token could not be had for a reason of our own', { error: String(error) });
      }
      if (whenUnavailable === 'anonymous' && !isRefusal(error)) {
        return configOf(visitor, { retryIn: retryIn(error) });
      }
      throw error;
    }
  };

  /** What is at hand, for a visitor who has waited long enough. */
  const meanwhile = async (visitor: KnownVisitor): Promise<OnboardingConfig> => {
    const { token } = await core.find(webchatId, visitor.guest);
    return configOf(visitor, { ...(token && { token }), retryIn: SOON });
  };

  return async (req, res, visitor) => {
    const caller = hangUpOf(res);
    const renewal = renew(req, visitor, caller.signal).finally(caller.forget);
    if (whenUnavailable === 'fail') return renewal;
    const answered = await soonEnough(renewal, patience);
    return answered ?? meanwhile(visitor);
  };
};

/** Refused for who they are, not for how Genesys Cloud is. */
const isRefusal = (error: unknown): boolean =>
  isGuestTokenError(error) && !error.code.startsWith('upstream_');

const retryIn = (error: unknown): number => {
  if (!isGuestTokenError(error)) return LATER;
  if (error.retryAfter !== undefined) return Math.max(1, error.retryAfter);
  return error.code === 'upstream_rejected' ? MUCH_LATER : LATER;
};

/** A signal for the caller who leaves before the answer; it stays quiet once there is one. */
const hangUpOf = (res: ServerResponse) => {
  const controller = new AbortController();
  const onClose = (): void => {
    if (!res.writableEnded) controller.abort();
  };
  res.once('close', onClose);
  return { signal: controller.signal, forget: () => void res.off('close', onClose) };
};

/** The answer, or `undefined` after `patience` ms; then the work goes on, and the race takes its failure. */
const soonEnough = async <T>(work: Promise<T>, patience: number): Promise<T | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), clampDelay(patience));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
