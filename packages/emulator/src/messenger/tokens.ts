// A member's tokens: in the page's storage, or in the platform's, where the page cannot read them.
import { element, whenBody } from './dom.ts';
import type { Storage } from './storage.ts';

export interface Tokens {
  readonly jwt?: string;
  readonly refreshToken?: string;
}

export interface TokenStore {
  /** Settles when what earlier pages left is known. */
  readonly loaded: Promise<void>;
  read(): Tokens;
  write(tokens: Tokens): void;
  clear(): void;
  /** Hears when another tab has signed in, or out. */
  onChange(listener: (signedIn: boolean) => void): void;
}

/** Keys in the storage, called as Messenger calls them. */
const JWT = 'gcatkn';
const REFRESH_TOKEN = 'gcartkn';

export const createPageTokens = (storage: Storage): TokenStore => ({
  loaded: Promise.resolve(),
  read() {
    const [jwt, refreshToken] = [storage.read<string>(JWT), storage.read<string>(REFRESH_TOKEN)];
    return { ...(jwt !== undefined && { jwt }), ...(refreshToken !== undefined && { refreshToken }) };
  },
  write({ jwt, refreshToken }) {
    // The JWT comes last: who hears of it finds the other there.
    if (refreshToken !== undefined) storage.write(REFRESH_TOKEN, refreshToken);
    if (jwt !== undefined) storage.write(JWT, jwt);
  },
  clear() {
    storage.remove(REFRESH_TOKEN);
    storage.remove(JWT);
  },
  onChange: (listener) => storage.onWrite(JWT, (value) => listener(value !== undefined)),
});

/** In a frame of `origin`, which tells of changes in other tabs. */
export const createPlatformTokens = (origin: string, deploymentId: string): TokenStore => {
  const listeners: ((signedIn: boolean) => void)[] = [];
  let tokens: Tokens = {};
  let settle: (() => void) | undefined;
  const loaded = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const src = `${origin}/genesys-bootstrap/tokens.html#${encodeURIComponent(deploymentId)}`;
  const frame = element('iframe', { src, title: 'Genesys', 'aria-hidden': 'true', tabindex: '-1' });
  frame.hidden = true;
  whenBody(() => document.body.append(frame));
  addEventListener('message', ({ origin: from, source, data }) => {
    if (from !== origin || source !== frame.contentWindow || data?.genesysTokens === undefined) return;
    const before = tokens.jwt;
    tokens = data.genesysTokens as Tokens;
    settle?.();
    if (before !== tokens.jwt) for (const listener of listeners) listener(tokens.jwt !== undefined);
  });
  const keep = (next: Tokens) => {
    tokens = next;
    frame.contentWindow?.postMessage({ keepTokens: next }, origin);
  };
  return {
    loaded,
    read: () => tokens,
    write: (more) => keep({ ...tokens, ...more }),
    clear: () => keep({}),
    onChange: (listener) => void listeners.push(listener),
  };
};
