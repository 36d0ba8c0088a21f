// Comes back to a conversation after a lost connection, and after the page was in the back/forward cache.
import { LOST } from './socket.ts';

const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;

export interface Comeback {
  /** The connection is gone: tries again, later each time, until the platform refuses. */
  lost(): void;
  stop(): void;
}

export const createComeback = (parts: {
  /** Whether there is something to come back to. */
  readonly wanted: () => boolean;
  readonly begin: () => Promise<unknown>;
  readonly reconnecting: () => void;
  readonly reconnected: () => void;
}): Comeback => {
  const { wanted, begin, reconnecting, reconnected } = parts;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const attempt = (count: number) => {
    const again = () => attempt(count + 1);
    retry = setTimeout(
      () => {
        if (navigator.onLine === false) again();
        else begin().then(reconnected, (reason) => reason === LOST && again());
      },
      Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** count),
    );
  };
  return {
    lost() {
      if (!wanted()) return;
      reconnecting();
      attempt(0);
    },
    stop: () => clearTimeout(retry),
  };
};

/** A page with a connection is not kept in the back/forward cache: it is closed in time, and opened on return. */
export const leaveForCache = (isLive: () => boolean, leave: () => void, back: () => void): void => {
  let left = false;
  addEventListener('pagehide', () => {
    left = isLive();
    if (left) leave();
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && left) back();
    left = false;
  });
};
