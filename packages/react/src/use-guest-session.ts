// The page's guest for as long as a component is mounted.
import { type BootOptions, boot, type GuestError, type GuestSession } from '@genesys-guest/browser';
import { useEffect, useRef, useState } from 'react';

/** Options of `boot`. The signal is the component's life. */
export type GuestOptions = Omit<BootOptions, 'signal'>;

/** The session once the chat can be used, or what kept it from that; neither while it starts, on a server, and after its end. */
export interface GuestState {
  /** The session, once there is one. */
  readonly session?: GuestSession | undefined;
  /** What has failed, if anything. */
  readonly error?: GuestError | undefined;
}

const NOTHING: GuestState = {};

/** Tells one context from the next. The session says what is wrong with one that is no JSON: a render must not throw for it. */
const textOf = (context: GuestOptions['context']): string | undefined => {
  try {
    return JSON.stringify(context);
  } catch {
    return String(context);
  }
};

/**
 * Boots when the component mounts, and ends the session when it unmounts. A new `context` goes to the agent at once; a new
 * `endpoint`, `launcher` (by its name), `token` or `onChange` starts anew; other options count at the start.
 *
 * @param options without them nothing is booted
 */
export const useGuestSession = (options: GuestOptions | undefined): GuestState => {
  const [state, setState] = useState(NOTHING);
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });

  const { endpoint, launcher, token, onChange, context } = options ?? {};
  const wanted = options !== undefined;
  // A function written into the component is another one at each render: it would start anew for ever.
  const kind = typeof launcher === 'function' ? 'own' : launcher;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the others count at the start
  useEffect(() => {
    if (!wanted) return;
    const mounted = new AbortController();
    const { signal } = mounted;
    const take = () =>
      boot({ ...newest.current, signal }).then(
        (session) => setState((before) => (before.session === session ? before : { session })),
        // StrictMode unmounts at once, once: that is no failure.
        (error: GuestError) => signal.aborted || setState({ error }),
      );
    // Where Messenger was late `boot` has failed once, and `ready` comes all the same.
    window.addEventListener('genesys-guest:ready', take, { signal });
    window.addEventListener('genesys-guest:disposed', () => setState(NOTHING), { signal });
    take();
    return () => {
      mounted.abort();
      setState(NOTHING);
    };
  }, [wanted, endpoint, kind, token, onChange]);

  const { session } = state;
  const facts = textOf(context);
  useEffect(() => {
    if (!facts || !session) return;
    session.setContext(newest.current?.context ?? {});
    // What is no longer given is no longer told.
    return () => session.setContext({});
  }, [session, facts]);
  return state;
};
