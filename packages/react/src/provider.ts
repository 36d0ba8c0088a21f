// One guest for all components below.
import { createElement, type ReactElement, type ReactNode } from 'react';
import { GuestContext } from './context.ts';
import { type GuestOptions, useGuestSession } from './use-guest-session.ts';

/** Options of `boot`, as props. */
export interface GenesysGuestProviderProps extends GuestOptions {
  /** The app. */
  readonly children?: ReactNode;
}

/** Boots the page's guest for as long as it is mounted. Put it at the root: a session ends with its provider. */
export const GenesysGuestProvider = ({ children, ...options }: GenesysGuestProviderProps): ReactElement =>
  createElement(GuestContext.Provider, { value: useGuestSession(options) }, children);
