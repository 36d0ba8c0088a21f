// No question waits long, and a Redis that hangs or refuses is not asked on each call.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OPERATION_LIMIT } from './command-time-limit.ts';
import { createLink } from './commands.ts';
import { READ, STORE } from './scripts.ts';

type Reply = (args: readonly string[]) => Promise<unknown>;

const hangs: Reply = () => new Promise(() => {});
const answers: Reply = async () => 1;
const refuses =
  (message: string): Reply =>
  async () => {
    throw new Error(message);
  };

describe('the link', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const start = (first: Reply) => {
    let reply = first;
    const asked: string[] = [];
    const log: string[] = [];
    const silent = vi.fn();
    const usable = vi.fn();
    const link = createLink({
      client: () => ({
        sendCommand: (args) => {
          asked.push(args[0] as string);
          return reply(args);
        },
      }),
      probeKey: 'probe',
      log: (level, message, fields) => log.push([level, message, fields?.['reason']].join(' ').trim()),
      random: () => 0,
      onUsable: usable,
      onSilent: silent,
    });
    link.connected();
    const become = (next: Reply): void => {
      reply = next;
    };
    return { link, asked, log, silent, usable, become };
  };
  const outcome = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.name);
  const GONE = 'warn Redis is unavailable: this instance works alone until it returns';

  it('waits for a Redis that hangs once, and then asks it behind until it answers', async () => {
    const { link, asked, log, usable, become } = start(hangs);
    const first = outcome(link.run(READ, ['a']));
    await vi.advanceTimersByTimeAsync(OPERATION_LIMIT + 60);
    expect(await first).toBe('StoreUnavailable');
    expect(link.state).toBe('unavailable');
    const before = asked.length;
    expect(await Promise.all(Array.from({ length: 100 }, () => outcome(link.run(READ, ['a']))))).toEqual(
      Array(100).fill('StoreUnavailable'),
    );
    expect(asked.length).toBe(before);
    become(answers);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await outcome(link.run(READ, ['a']))).toBe('1');
    expect(usable).toHaveBeenCalledTimes(2);
    expect(log).toEqual(['info Redis is connected', `${GONE} no answer in time`, 'info Redis is connected']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has a connection renewed on which nothing ever comes back', async () => {
    const { link, silent } = start(hangs);
    void outcome(link.run(READ, ['a']));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(silent).toHaveBeenCalled();
    link.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    'OOM command not allowed when used memory > maxmemory',
    "READONLY You can't write against a read only replica.",
    'ERR Error running script (call to f_0): @user_script:1: -OOM command not allowed',
    'MISCONF Redis is configured to save RDB snapshots',
  ])('writes nothing while Redis answers %s, and reads on', async (message) => {
    const { link, asked, become } = start(refuses(message));
    expect(await outcome(link.run(STORE, ['a']))).toBe('StoreUnavailable');
    const before = asked.length;
    become(answers);
    expect(await outcome(link.run(STORE, ['a']))).toBe('StoreUnavailable');
    expect(asked.length).toBe(before);
    expect(await outcome(link.run(READ, ['a']))).toBe('1');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await outcome(link.run(STORE, ['a']))).toBe('1');
    expect(link.state).toBe('connected');
  });

  it('sends the text of a script that Redis does not know', async () => {
    const { link, asked } = start(async ([name]) => {
      if (name === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
      return 'found';
    });
    expect(await link.run(READ, ['a'])).toBe('found');
    expect(asked).toEqual(['EVALSHA', 'EVAL']);
    expect(link.state).toBe('connected');
  });

  it('says why it is gone without what the error might quote', () => {
    const { link, log } = start(answers);
    link.lost(new Error('WRONGPASS for redis://user:hunter2@host'));
    link.lost(new Error('again'));
    expect(log).toEqual(['info Redis is connected', `${GONE} WRONGPASS`]);
  });
});
