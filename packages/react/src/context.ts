// How the provider's guest reaches the hook.
import { createContext } from 'react';
import type { GuestState } from './use-guest-session.ts';

export const GuestContext = createContext<GuestState | undefined>(undefined);
