// Whose conversation and tokens Messenger keeps in this browser: the tag of a member, made by our server, and nothing else.

/** Storage may be refused: then the tag is known for as long as the page lives, and Messenger keeps its own no longer. */
const attempt = <Value>(work: () => Value): Value | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

export interface Whose {
  /** The member's tag; empty for nobody's; `undefined` where we never wrote one. */
  read(): string | undefined;
  write(tag: string): void;
  /** Are there tokens of a member, as far as a page can see? Messenger may keep them where it cannot. */
  hasTokens(): boolean;
  /** Another tab has written. */
  onWrite(listener: () => void, signal: AbortSignal): void;
}

export const createWhose = (deploymentId: string): Whose => {
  const key = `genesys-guest:member:${deploymentId}`;
  let written: string | undefined;
  return {
    read: () => attempt(() => localStorage.getItem(key)) ?? written,
    write(tag) {
      written = tag;
      attempt(() => localStorage.setItem(key, tag));
    },
    // Messenger's own keys, which are read here and never touched.
    hasTokens: () =>
      ['gcatkn', 'gcartkn'].some((name) => attempt(() => localStorage.getItem(`_${deploymentId}:${name}`))),
    onWrite(listener, signal) {
      const heard = (event: StorageEvent) => {
        if (event.key === key) listener();
      };
      window.addEventListener('storage', heard, { signal });
    },
  };
};
