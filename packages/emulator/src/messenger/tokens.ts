// A member's tokens, kept as Messenger keeps them.
import type { Storage } from './storage.ts';

export interface Tokens {
  readonly jwt?: string;
  readonly refreshToken?: string;
}

export interface TokenStore {
  read(): Tokens;
  write(tokens: Tokens): void;
  clear(): void;
  /** Hears when another tab has signed in, or out. */
  onChange(listener: (signedIn: boolean) => void): void;
}

const JWT = 'gcatkn';
const REFRESH_TOKEN = 'gcartkn';

export const createTokenStore = (storage: Storage): TokenStore => ({
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
