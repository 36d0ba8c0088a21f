// A caller who leaves before the answer is heard; one who got it is not taken for gone.
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { nodeRequest } from './node-request.ts';

const response = () =>
  Object.assign(new EventEmitter(), { writableEnded: false }) as unknown as ServerResponse;

const signalOf = (res: ServerResponse) => nodeRequest({} as IncomingMessage, res, undefined).signal();

it('is aborted where the connection closes before the answer', () => {
  const res = response();
  const signal = signalOf(res);
  expect(signal.aborted).toBe(false);
  res.emit('close');
  expect(signal.aborted).toBe(true);
});

it('stays quiet once there is an answer', () => {
  const res = response();
  const signal = signalOf(res);
  Object.assign(res, { writableEnded: true });
  res.emit('close');
  expect(signal.aborted).toBe(false);
});
