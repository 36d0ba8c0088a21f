// A caller who leaves before the answer is heard; one who got it is not taken for gone.
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { hangUpSignal } from './hang-up-signal.ts';

const response = () =>
  Object.assign(new EventEmitter(), { writableEnded: false }) as unknown as ServerResponse;

it('is aborted where the connection closes before the answer', () => {
  const res = response();
  const signal = hangUpSignal(res);
  expect(signal.aborted).toBe(false);
  res.emit('close');
  expect(signal.aborted).toBe(true);
});

it('stays quiet once there is an answer', () => {
  const res = response();
  const signal = hangUpSignal(res);
  Object.assign(res, { writableEnded: true });
  res.emit('close');
  expect(signal.aborted).toBe(false);
});
