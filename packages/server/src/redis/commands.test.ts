// No command waits long, and a Redis that hangs or refuses is not asked on each call.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMAND_LIMIT, Commands } from './commands.ts';
import { Names } from './keys.ts';
import { PROBE, STORE } from './scripts.ts';

type Reply = (args: readonly string[]) => Promise<unknown>;

const hangs: Reply = () => new Promise(() => {});
const answers: Reply = async () => 1;
const refuses =
  (message: string): Reply =>
  async () => {
    throw new Error(message);
  };

describe('commands', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const open = (first: Reply) => {
    let reply = first;
    const asked: (readonly string[])[] = [];
    const log: string[] = [];
    const dead = vi.fn();
    const usable = vi.fn();
    const heard: Record<string, (error?: unknown) => void> = {};
    const client = {
      isOpen: true,
      duplicate: () => client,
      connect: async () => {},
      destroy: dead,
      on: (event: string, listener: (error?: unknown) => void) => {
        heard[event] = listener;
      },
      sendCommand: (args: readonly string[]) => {
        asked.push(args);
        return reply(args);
      },
    };
    const commands = new Commands({
      open: async () => client as never,
      names: new Names('test', []),
      log: (level, message, fields) => log.push([level, message, fields?.['reason']].join(' ').trim()),
      now: () => 0,
      onUsable: usable,
    });
    const lost = (error?: Error) => heard['error']?.(error);
    const become = (next: Reply): void => {
      reply = next;
    };
    return { commands, asked, log, dead, usable, become, lost };
  };
  const start = async (then: Reply) => {
    const opened = open(answers);
    await vi.advanceTimersByTimeAsync(0);
    opened.become(then);
    opened.asked.length = 0;
    return opened;
  };
  const outcome = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.name);
  const GONE = 'warn Redis is unavailable: this instance works alone until it returns';
  const CONNECTED = 'info Redis is connected';

  it('wait for a Redis that hangs once; then it is asked behind until it answers', async () => {
    const { commands, asked, log, usable, become } = await start(hangs);
    const first = outcome(commands.read(['a']));
    await vi.advanceTimersByTimeAsync(COMMAND_LIMIT + 1);
    expect(await first).toBe('StoreUnavailable');
    expect(commands.state).toBe('unavailable');
    const before = asked.length;
    expect(await Promise.all(Array.from({ length: 100 }, () => outcome(commands.read(['a']))))).toEqual(
      Array(100).fill('StoreUnavailable'),
    );
    expect(asked.length).toBe(before);
    become(async () => ['found']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await commands.read(['a'])).toEqual(['found']);
    expect(usable).toHaveBeenCalledTimes(2);
    expect(log).toEqual([CONNECTED, `${GONE} no answer in time`, CONNECTED]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('have a connection renewed on which nothing ever comes back', async () => {
    const { commands, dead } = await start(hangs);
    void outcome(commands.read(['a']));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(dead).toHaveBeenCalled();
    commands.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    'OOM command not allowed when used memory > maxmemory',
    "READONLY You can't write against a read only replica.",
    'ERR Error running script (call to f_0): @user_script:1: -OOM command not allowed',
    'MISCONF Redis is configured to save RDB snapshots',
  ])('write nothing while Redis answers %s, and read on', async (message) => {
    const { commands, asked, become } = await start(refuses(message));
    expect(await outcome(commands.run(STORE, ['a']))).toBe('StoreUnavailable');
    const before = asked.length;
    become(answers);
    expect(await outcome(commands.run(STORE, ['a']))).toBe('StoreUnavailable');
    expect(asked.length).toBe(before);
    expect(await outcome(commands.read(['a']))).not.toBe('StoreUnavailable');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await outcome(commands.run(STORE, ['a']))).toBe('1');
    expect(commands.state).toBe('connected');
  });

  it.each([
    ['MOVED 1234 127.0.0.1:7001', 'MOVED'],
    ["NOPERM User guest has no permissions to run the 'zadd' command", 'NOPERM zadd'],
    ["ERR ACL failure in script: User guest has no permissions to run the 'time' command", 'NOPERM time'],
    // Redis 6.2 does not name the command: the probe finds out which it is.
    [
      "ERR Error running script (call to f_0): @user_script:4: The user executing the script can't run this command or subcommand",
      'NOPERM',
    ],
    // Redis 7 and Valkey.
    ["ACL failure in script: User guest has no permissions to run the 'zcard' command", 'NOPERM zcard'],
    ['CLUSTERDOWN Hash slot not served', 'CLUSTERDOWN'],
    ['ERR something that no version has said before', 'ERR'],
  ])(
    'ask nothing more of a Redis that answers %s, until a script of all commands runs',
    async (message, reason) => {
      const { commands, asked, log, become } = await start(refuses(message));
      expect(await outcome(commands.run(STORE, ['x:{ab}c']))).toBe('StoreUnavailable');
      expect(log.at(-1)).toBe(`${GONE} ${reason}`);
      const before = asked.length;
      expect(await outcome(commands.read(['a']))).toBe('StoreUnavailable');
      expect(asked.length).toBe(before);
      // That something answers is not enough.
      become(async ([name, text]) => (name === 'EVAL' && text === PROBE ? refuses(message)([]) : 1));
      await vi.advanceTimersByTimeAsync(20_000);
      expect(commands.state).toBe('unavailable');
      // Where the trouble was, in a cluster.
      expect(asked.at(-1)?.at(-1)).toBe('test:probe:{ab}');
      become(answers);
      await vi.advanceTimersByTimeAsync(6_000);
      expect(commands.state).toBe('connected');
      expect(log).toHaveLength(3);
    },
  );

  it('have the connection renewed where it leads to a Redis that is read-only for good', async () => {
    const { commands, dead } = await start(refuses("READONLY You can't write against a read only replica."));
    await outcome(commands.run(STORE, ['a']));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(dead).toHaveBeenCalled();
  });

  it('are asked again while their slot of a cluster moves, and no other suffers where that takes long', async () => {
    const moving = refuses('TRYAGAIN Multiple keys request during rehashing of slot');
    const { commands, become, log } = await start(moving);
    const brief = outcome(commands.run(STORE, ['a']));
    await vi.advanceTimersByTimeAsync(100);
    become(answers);
    await vi.advanceTimersByTimeAsync(100);
    expect(await brief).toBe('1');
    become(moving);
    const long = outcome(commands.run(STORE, ['a']));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await long).toBe('StoreUnavailable');
    expect(commands.state).toBe('connected');
    expect(log).toEqual([CONNECTED]);
  });

  it('go on where one key alone was written by a stranger', async () => {
    const { commands } = await start(
      refuses('WRONGTYPE Operation against a key holding the wrong kind of value'),
    );
    expect(await outcome(commands.run(STORE, ['a']))).toBe('StoreUnavailable');
    expect(commands.state).toBe('connected');
  });

  it('are not asked of a connection that has ended without a reason', async () => {
    const { commands, log, lost } = await start(answers);
    lost();
    expect(await outcome(commands.read(['a']))).toBe('StoreUnavailable');
    expect(log).toEqual([CONNECTED, `${GONE} closed`]);
    commands.close();
  });

  it('say each answer of a Redis that comes back and refuses once, and nothing more of a lost connection', async () => {
    const { commands, log, lost } = await start(answers);
    for (const message of ['closed', 'refused', 'NOAUTH needed', 'closed', 'NOAUTH needed', 'LOADING']) {
      lost(new Error(message));
    }
    expect(log).toEqual([CONNECTED, `${GONE} Error`, `${GONE} NOAUTH`, `${GONE} LOADING`]);
    commands.close();
  });

  it('say why Redis is gone without what the error might quote', async () => {
    const { commands, log, lost } = await start(answers);
    lost(new Error('WRONGPASS for redis://user:hunter2@host'));
    lost(new Error('again'));
    expect(log).toEqual([CONNECTED, `${GONE} WRONGPASS`]);
    commands.close();
  });
});
