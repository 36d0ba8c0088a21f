// The hook.
import { useContext } from 'react';
import { GuestContext } from './context.ts';
import { type GuestOptions, type GuestState, useGuestSession } from './use-guest-session.ts';

export type { GuestOptions, GuestState };

/**
 * The page's guest.
 *
 * @param options with them the component boots a guest of its own, which ends when it unmounts; without them the guest is the
 *   provider's
 * @throws Error without options and without a provider
 */
export const useGenesysGuest = (options?: GuestOptions): GuestState => {
  const provided = useContext(GuestContext);
  const own = useGuestSession(options);
  if (options) return own;
  if (provided) return provided;
  throw new Error('useGenesysGuest() needs a <GenesysGuestProvider> above it, or options of its own');
};
