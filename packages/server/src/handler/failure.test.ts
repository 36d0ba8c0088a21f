// Each refusal leaves a line that says what to do, a count, and no secret of the site.
import { expect, it, vi } from 'vitest';
import { GuestTokenError } from '../lib/errors.ts';
import { createLogThrottle } from '../observe/log.ts';
import { onBare, onExpress, start } from '../testing/site.ts';
import { createFailureOf } from './failure.ts';

const rig = () => {
  const log = vi.fn();
  const count = vi.fn();
  const failureOf = createFailureOf(createLogThrottle(log), count);
  const request = { method: 'POST', headers: { origin: 'https://evil.example' }, host: undefined };
  return { log, count, fail: (error: unknown) => failureOf(error, request) };
};

it.each([
  ['origin_forbidden', 'warn', 'allowedOrigins', false],
  ['not_admitted', 'info', 'admit(req)', false],
  ['too_many_guests', 'info', 'mintsPerMinute', false],
  ['guest_invalid', 'error', 'identify(req)', true],
  ['identify_failed', 'error', 'identify(req)', true],
] as const)('%s is a line at %s with its fix, once a minute', (code, level, fix, ofHost) => {
  const { log, count, fail } = rig();
  expect(fail(new GuestTokenError(code, 'text'))).toMatchObject({ ofHost });
  fail(new GuestTokenError(code, 'text'));
  expect(log.mock.calls.map(([at]) => at)).toEqual([level, 'debug']);
  expect(log.mock.calls[0]?.[1]).toContain(fix);
  expect(count.mock.calls).toEqual([
    ['refused', code],
    ['refused', code],
  ]);
});

it('names the origin that was refused, and the fields of a guest without their values', () => {
  const { log, fail } = rig();
  fail(new GuestTokenError('origin_forbidden', 'text'));
  expect(log.mock.calls[0]?.[2]).toMatchObject({ origin: 'https://evil.example' });
  fail(
    new GuestTokenError('guest_invalid', 'text', { errors: [{ field: 'externalId', message: 'is empty' }] }),
  );
  expect(log.mock.calls[1]?.[2]).toMatchObject({ fields: 'externalId is empty' });
});

it("says of other errors no more than their kind: a text might hold the site's password", () => {
  const { log, fail } = rig();
  const { ofHost, answer } = fail(new TypeError('password hunter2'));
  expect([ofHost, answer.status]).toEqual([true, 503]);
  expect(JSON.stringify(log.mock.calls)).not.toContain('hunter2');
  expect(log.mock.calls[0]?.[2]).toEqual({ error: 'TypeError' });
});

it.each([
  ['Express', onExpress],
  ['a bare server', onBare],
])('on %s a cookie that never comes back is said once, with the likely cause', async (_name, mount) => {
  const warn = vi.fn();
  const logger = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() };
  const site = start(mount, { logger });
  await site.post('/renew').send({});
  expect(warn).not.toHaveBeenCalled();
  for (let i = 0; i < 3; i += 1) {
    const { status, headers } = await site.post('/renew').send({ again: true });
    expect([status, headers['set-cookie']?.length]).toEqual([200, 1]);
  }
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain('https');
});
