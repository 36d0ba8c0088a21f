// What instances say to each other: that something landed, was let go or was forgotten, by hashed names alone.

export type Word = 'landed' | 'released' | 'forgotten' | 'alive';

export interface Bus {
  readonly channel: string;
  /** What is published. Each name of the thing, as the listener may know it by another secret. */
  message(word: Word, names?: readonly string[]): string;
  /** To be called with whatever arrives on the channel. */
  heard(message: string): void;
  /** Listening has begun, at first or again: what was said meanwhile is not known. */
  listening(): void;
  deaf(): void;
  /** Whether what others say arrives: we hear at least ourselves. */
  readonly hears: boolean;
  /** Resolves with the next word on any of these names. */
  expect(names: readonly string[]): Expectation;
  /** Wakes everyone who waits. */
  wake(): void;
}

export interface Expectation {
  readonly word: Promise<void>;
  end(): void;
}

export interface BusContext {
  readonly channel: string;
  readonly self: string;
  readonly now: () => number;
  /** Another instance said so. */
  readonly onWord: (word: 'landed' | 'forgotten', names: readonly string[]) => void;
  /** Another instance says that it is there. */
  readonly onAlive: (sender: string) => void;
  /** Words may have been lost until now. */
  readonly onGap: () => void;
}

/** Milliseconds without a word, our own included, after which nobody is heard any more. Three times the heartbeat. */
export const DEAF_AFTER = 15_000;

const WORDS: ReadonlySet<string> = new Set<Word>(['landed', 'released', 'forgotten', 'alive']);

export const createBus = ({ channel, self, now, onWord, onAlive, onGap }: BusContext): Bus => {
  /** One set for each name that somebody here waits for: as many as there are calls under way. */
  const expected = new Map<string, Set<() => void>>();
  let lastHeard = Number.NEGATIVE_INFINITY;

  const wakeAll = (names: Iterable<string>): void => {
    for (const name of names) {
      const waiting = expected.get(name);
      expected.delete(name);
      for (const wake of waiting ?? []) wake();
    }
  };
  const hears = (): boolean => now() - lastHeard < DEAF_AFTER;

  return {
    channel,
    message: (word, names = []) => `${self} ${word} ${names.join(',')}`,
    heard: (message) => {
      if (!hears()) onGap();
      lastHeard = now();
      const [sender = '', word = '', list = ''] = message.split(' ');
      if (sender === self || !WORDS.has(word)) return;
      if (word === 'alive') onAlive(sender);
      if (list === '') return;
      const names = list.split(',');
      if (word === 'landed' || word === 'forgotten') onWord(word, names);
      wakeAll(names);
    },
    listening: () => {
      lastHeard = now();
      onGap();
    },
    deaf: () => {
      lastHeard = Number.NEGATIVE_INFINITY;
    },
    get hears() {
      return hears();
    },
    expect: (names) => {
      let wake = (): void => {};
      const word = new Promise<void>((resolve) => {
        wake = resolve;
      });
      for (const name of names) {
        const waiting = expected.get(name) ?? new Set();
        expected.set(name, waiting.add(wake));
      }
      const end = (): void => {
        for (const name of names) {
          const waiting = expected.get(name);
          waiting?.delete(wake);
          if (waiting?.size === 0) expected.delete(name);
        }
      };
      return { word, end };
    },
    wake: () => wakeAll([...expected.keys()]),
  };
};
