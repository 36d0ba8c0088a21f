// What Messenger keeps for a deployment in this browser, under `_{deploymentId}:`.

export interface Storage {
  read<T>(name: string): T | undefined;
  write(name: string, value: unknown): void;
  remove(name: string): void;
  /** Removes everything of this deployment, and tells the other tabs. */
  wipe(): void;
  /** Hears of what other tabs write; `undefined` where they removed it. */
  onWrite(name: string, listener: (value: unknown) => void): void;
  onWipe(listener: () => void): void;
}

const WIPED = 'wiped';

export const createStorage = (deploymentId: string): Storage => {
  const prefix = `_${deploymentId}:`;
  // A page may refuse storage: then the conversation lasts as long as the page.
  const memory = new Map<string, string>();

  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch {
      return otherwise;
    }
  };
  const parse = (text: string | null | undefined): unknown =>
    attempt(() => (JSON.parse(text ?? '') as { value: unknown }).value, undefined);
  const keys = () => attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix)), []);
  const onStorage = (name: string, listener: (text: string | null) => void) =>
    addEventListener('storage', ({ key, newValue }) => {
      if (key === prefix + name) listener(newValue);
    });

  return {
    read: <T>(name: string) =>
      parse(attempt(() => localStorage.getItem(prefix + name), memory.get(name) ?? null)) as T | undefined,
    write(name, value) {
      const text = JSON.stringify({ value });
      memory.set(name, text);
      attempt(() => localStorage.setItem(prefix + name, text), undefined);
    },
    remove(name) {
      memory.delete(name);
      attempt(() => localStorage.removeItem(prefix + name), undefined);
    },
    wipe() {
      memory.clear();
      for (const key of keys()) localStorage.removeItem(key);
      // Written and removed: other tabs get an event of it even where nothing else was stored.
      attempt(() => {
        localStorage.setItem(prefix + WIPED, '{"value":true}');
        localStorage.removeItem(prefix + WIPED);
      }, undefined);
    },
    onWrite: (name, listener) => onStorage(name, (text) => listener(parse(text))),
    onWipe: (listener) =>
      onStorage(WIPED, (text) => {
        if (text !== null) listener();
      }),
  };
};
