// Real loggers, as they are: one line that says what is wrong and what to do, with its fields where each logger has them.
import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import winston from 'winston';
import { startRig, WEBCHAT } from '../testing/rig.ts';
import { createLog, type Logger } from './log.ts';

const collector = () => {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, stream };
};

const fields = { code: 'upstream_rejected', webchatId: 'chat' };

describe('a logger', () => {
  it('of pino gets the fields first, its child loggers too', () => {
    const { lines, stream } = collector();
    const logger = pino({ level: 'debug' }, stream);
    createLog(logger)('warn', 'It failed', fields);
    createLog(logger.child({ part: 'chat' }))('debug', 'It failed', fields);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, msg: 'It failed', ...fields },
      { level: 20, msg: 'It failed', part: 'chat', ...fields },
    ]);
  });

  it('of winston gets the message first', async () => {
    const { lines, stream } = collector();
    const logger = winston.createLogger({
      level: 'debug',
      format: winston.format.json(),
      transports: [new winston.transports.Stream({ stream })],
    });
    createLog(logger)('error', 'It failed', fields);
    await vi.waitFor(() => expect(lines).toHaveLength(1));
    expect(JSON.parse(lines[0] ?? '')).toEqual({ level: 'error', message: 'It failed', ...fields });
  });

  it('may be the console, whose lines stay one each', () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => {});
    createLog(console)('info', 'It works', fields);
    createLog(console)('info', 'It works');
    expect(info.mock.calls).toEqual([
      ['It works', '{"code":"upstream_rejected","webchatId":"chat"}'],
      ['It works'],
    ]);
    info.mockRestore();
  });

  it('that throws harms nobody, and none at all is silent', () => {
    const broken = vi.fn(() => {
      throw new Error('full');
    });
    const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken };
    expect(() => createLog(logger)('error', 'It failed')).not.toThrow();
    expect(() => createLog(undefined)('error', 'It failed')).not.toThrow();
    expect(broken).toHaveBeenCalledOnce();
  });
});

describe('one line says what is wrong and what to do', () => {
  it.each([
    [{ call: 'oauthToken', status: 401 }, 'error', /HTTP 401.*Check clientId and clientSecret.*region/],
    [{ call: 'guestTokens', status: 401, times: 2 }, 'error', /HTTP 401.*region/],
    [{ call: 'guestTokens', status: 403 }, 'error', /HTTP 403.*webchat:guest-token:create.*webchatId/],
    [{ call: 'guestTokens', status: 404 }, 'error', /HTTP 404.*does not offer guest tokens.*source: 'none'/],
    [{ call: 'guestTokens', status: 400 }, 'error', /HTTP 400.*check externalId, the attributes, webchatId/],
    [{ call: 'guestTokens', status: 429, retryAfter: 60 }, 'warn', /HTTP 429.*[Ll]ower .*perMinute/],
    [{ call: 'guestTokens', status: 500, retryAfter: 60 }, 'warn', /HTTP 500.*status page/],
  ] as const)('for %j', async (fault, level, says) => {
    const lines: { level: string; message: string; fields: unknown }[] = [];
    const { service, emulator } = await startRig({
      log: (at, message, its) => lines.push({ level: at, message, fields: its }),
      perMinute: 300,
      concurrency: 32,
      maxQueue: 1_000,
      timeout: 2_000,
      deadline: 5_000,
    });
    emulator.fault({ fault: 'status', times: 'always', ...fault });
    await expect(service.renew(WEBCHAT, { externalId: 'anna' }, { mayAge: true })).rejects.toThrow();
    const told = lines.filter((line) => line.level !== 'debug');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      level,
      message: expect.stringMatching(says),
      fields: { externalId: 'anna', webchatId: WEBCHAT, correlationId: expect.any(String) },
    });
    expect(told[0]?.message).not.toContain('\n');
  });
});
