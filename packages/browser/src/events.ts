// The session's events: one `CustomEvent` on `window` for everyone, which the session's own listeners hear, too.
import type { GuestEvents } from './types.ts';

export type Emit = <Type extends keyof GuestEvents>(
  type: Type,
  ...detail: GuestEvents[Type] extends undefined ? [] : [GuestEvents[Type]]
) => void;

const nameOf = (type: string) => `genesys-guest:${type}`;

/** An event target keeps a listener that throws from the others, and the browser reports it. */
export const emit: Emit = (type, detail?: unknown) => {
  window.dispatchEvent(new CustomEvent(nameOf(type), { detail }));
};

/** @returns what removes the listener; `signal` removes it, too */
export const listen = <Type extends keyof GuestEvents>(
  type: Type,
  listener: (detail: GuestEvents[Type]) => void,
  signal?: AbortSignal,
): (() => void) => {
  const heard = (event: Event) => listener((event as CustomEvent).detail);
  window.addEventListener(nameOf(type), heard, { signal } as AddEventListenerOptions);
  return () => window.removeEventListener(nameOf(type), heard);
};
