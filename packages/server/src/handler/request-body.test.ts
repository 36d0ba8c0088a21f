// What a page may post, whoever has read it first, and how a body that is too much or never comes ends.
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkBody, MAX_BODY_BYTES, readNodeBody } from './request-body.ts';

const text = '{"externalId":"anna","again":true}';
const anna = { externalId: 'anna', again: true };

describe('what is posted', () => {
  it.each<[string, unknown, object]>([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['white space', ' \n', {}],
    ['an object', { externalId: 'anna' }, { externalId: 'anna', again: false }],
    ['a text', text, anna],
    ['bytes', new Uint8Array(Buffer.from(text)), anna],
    ['a text of the greatest length', text.padEnd(MAX_BODY_BYTES), anna],
    ['what only looks true', { again: 'true' }, { externalId: undefined, again: false }],
    ['what a later version may add', { more: 1, externalId: 'anna' }, { externalId: 'anna', again: false }],
  ])('%s is taken', (_what, body, page) => {
    expect(checkBody(body)).toEqual(page);
  });

  it.each<[string, unknown, string]>([
    ['a text that is too long', ' '.repeat(MAX_BODY_BYTES + 1), `longer than ${MAX_BODY_BYTES} bytes`],
    ['bytes that are too many', Buffer.alloc(MAX_BODY_BYTES + 1), `longer than ${MAX_BODY_BYTES} bytes`],
    ['no JSON', '{', 'is not JSON'],
    ['a list', '[1]', 'must be a JSON object'],
    ['a list that a parser left', [1], 'must be a JSON object'],
    ['a number', '7', 'must be a JSON object'],
    ['a number as id', { externalId: 7 }, 'externalId must be a string'],
    ['null as id', { externalId: null }, 'externalId must be a string'],
  ])('%s is refused', (_what, body, message) => {
    expect(() => checkBody(body)).toThrow(
      expect.objectContaining({ code: 'request_invalid', message: expect.stringContaining(message) }),
    );
  });
});

describe('a request of Node', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const requestWith = (more: object = {}) =>
    Object.assign(new PassThrough(), { headers: {} }, more) as unknown as PassThrough & IncomingMessage;
  const failed = (promise: Promise<unknown>) => promise.catch((error: Error) => error.message);
  const isLeft = (req: PassThrough) => ['data', 'readable', 'end'].map((event) => req.listenerCount(event));

  it.each<[string, unknown, unknown]>([
    ['an object', { externalId: 'anna' }, { externalId: 'anna' }],
    ['a text', text, text],
    ['an empty object, where nothing was read', {}, 'sent'],
    ['null', null, null],
    ['nothing', undefined, 'sent'],
  ])('that a parser has left %s in', async (_what, body, read) => {
    const req = requestWith({ body });
    req.end('sent');
    expect(await readNodeBody(req)).toEqual(read);
  });

  it('that others have paused is read', async () => {
    const req = requestWith();
    req.pause();
    req.end('sent');
    expect(await readNodeBody(req)).toBe('sent');
  });

  it('that was read already is not read again', async () => {
    const req = requestWith({ body: {} });
    req.end('sent');
    req.read();
    expect(await readNodeBody(req)).toEqual({});
  });

  it('is read piece by piece, and leaves nothing behind', async () => {
    const req = requestWith();
    const before = isLeft(req);
    const body = readNodeBody(req);
    const bytes = Buffer.from('Zoë');
    req.write(bytes.subarray(0, 3));
    req.end(bytes.subarray(3));
    expect(await body).toBe('Zoë');
    expect(isLeft(req)).toEqual(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['of the greatest length', 10, '0123456789'],
    ['that is longer', 11, 'The body is longer than 10 bytes'],
  ])('%s, said or not', async (_what, length, outcome) => {
    const said = requestWith({ headers: { 'content-length': String(length) } });
    said.end('0123456789x'.slice(0, length));
    expect(await failed(readNodeBody(said, 10))).toBe(outcome);
    const unsaid = requestWith();
    unsaid.end('0123456789x'.slice(0, length));
    expect(await failed(readNodeBody(unsaid, 10))).toBe(outcome);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is longer is not read on', async () => {
    const req = requestWith();
    const before = isLeft(req);
    const body = failed(readNodeBody(req, 10));
    req.write('0123456789x');
    expect(await body).toContain('longer than 10 bytes');
    expect([req.readableFlowing === true, req.destroyed, ...isLeft(req)]).toEqual([false, false, ...before]);
  });

  it('that does not end is given up after 5 s', async () => {
    const req = requestWith();
    const body = failed(readNodeBody(req));
    req.write('{');
    await vi.advanceTimersByTimeAsync(4_999);
    expect(await Promise.race([body, 'waiting'])).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await body).toBe('The body did not come in time');
    expect(req.destroyed).toBe(false);
  });

  it.each([
    ['breaks', new Error('secret')],
    ['goes away', undefined],
  ])('that %s is refused', async (_what, error) => {
    const req = requestWith();
    req.on('error', () => {});
    const body = failed(readNodeBody(req));
    req.destroy(error);
    expect(await body).toBe('The request was cut off');
    expect(vi.getTimerCount()).toBe(0);
  });
});
