// The page's guest in a React component. The session lives while the component is mounted.
import { boot } from '@genesys-guest/browser';
import { useEffect, useState } from 'react';

/** @returns the session once the chat can be used, or what kept it from that; neither while it starts */
export const useGenesysGuest = ({ endpoint, launcher } = {}) => {
  const [state, setState] = useState({});
  useEffect(() => {
    const mounted = new AbortController();
    const { signal } = mounted;
    boot({ endpoint, launcher, signal }).then(
      (session) => setState({ session }),
      // StrictMode unmounts at once, once: that is no failure.
      (error) => signal.aborted || setState({ error }),
    );
    return () => mounted.abort();
  }, [endpoint, launcher]);
  return state;
};
