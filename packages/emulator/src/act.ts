// Plays a fault on a call: everything that goes wrong between a platform and a caller.
import type { ServerResponse } from 'node:http';
import { type Answer, json, oauthRefusal, refusal } from './answer.ts';
import { deliver, later } from './deliver.ts';
import type { Fault } from './faults.ts';
import { rateLimited } from './guest-tokens.ts';

const HTML =
  '<!doctype html><html><head><title>Maintenance</title></head><body><h1>Back soon</h1></body></html>';
const HUGE = 256 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

export interface Scene {
  readonly res: ServerResponse;
  readonly now: () => number;
  /** Works out the answer that the call gets without a fault. */
  readonly answer: () => Promise<Answer>;
  /** Counts what the caller got. */
  readonly answered: (status: number | string, retryAfter?: string) => void;
}

/** Plays `fault` out; settles when nothing more is to be done but to send. */
export const act = async (fault: Fault, scene: Scene): Promise<void> => {
  const { res, answered } = scene;
  if (fault.fault === 'reset') {
    answered('reset');
    res.req.socket.resetAndDestroy();
  } else if (fault.fault === 'hang') {
    answered('hang');
    res.req.resume();
  } else if (fault.fault === 'huge') {
    answered(200);
    sendHuge(res, fault.bytes ?? HUGE);
  } else if (fault.fault === 'delay') {
    const answer = await scene.answer();
    later(res, fault.ms ?? 1000, () => finish(scene, answer));
  } else if (fault.fault === 'drip') {
    const answer = await scene.answer();
    answered(answer.status);
    drip(res, answer, fault.ms ?? 100);
  } else if (fault.fault === 'cut') {
    const answer = await scene.answer();
    answered(answer.status);
    cut(res, answer);
  } else {
    finish(scene, await faultyAnswer(fault, scene));
  }
};

const finish = ({ res, now, answered }: Scene, answer: Answer) => {
  answered(answer.status, answer.headers['Retry-After']);
  deliver(res, answer, now);
};

const faultyAnswer = async (fault: Fault, scene: Scene): Promise<Answer> => {
  if (fault.fault === 'other-guest' || fault.fault === 'past-expiry') {
    return falsify(fault, await scene.answer(), scene.now());
  }
  // The platform has read the request, too, before such an answer comes.
  scene.res.req.resume();
  if (fault.fault === 'empty')
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body: '' };
  if (fault.fault === 'html') return { status: 200, headers: { 'Content-Type': 'text/html' }, body: HTML };
  if (fault.fault === 'redirect') {
    return { status: 307, headers: { Location: fault.location ?? '/_emulator/redirected' }, body: '' };
  }
  return fault.fault === 'status' ? statusAnswer(fault) : wrongShape(fault);
};

const wrongShape = ({ call }: Fault): Answer => {
  if (call === 'bootstrap')
    return { status: 200, headers: { 'Content-Type': 'text/javascript' }, body: '<<<' };
  return json(200, call === 'oauthToken' ? { access_token: 42, expires_in: 'soon' } : { token: 42 });
};

const falsify = ({ call, fault }: Fault, answer: Answer, now: number): Answer => {
  if (answer.status !== 200) return answer;
  const value: Record<string, unknown> = JSON.parse(String(answer.body));
  if (fault === 'other-guest') value['externalId'] = 'somebody-else';
  else if (call === 'oauthToken') value['expires_in'] = -60;
  else value['expirationTime'] = new Date(now - 60_000).toISOString();
  return { ...answer, body: JSON.stringify(value) };
};

const statusAnswer = ({ call, status = 500, retryAfter, code, message }: Fault): Answer => {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  if (call === 'oauthToken' && [400, 401, 403].includes(status)) {
    return oauthRefusal(
      status,
      code ?? (status === 401 ? 'invalid_client' : 'invalid_request'),
      message ?? 'refused',
    );
  }
  const told =
    status === 429 && /^\d+$/.test(String(retryAfter)) ? rateLimited(Number(retryAfter)).message : undefined;
  const usual = status === 429 ? 'Rate limit exceeded the maximum.' : `HTTP ${status}`;
  return refusal({ status, code, message: message ?? told ?? usual, headers });
};

const sendHuge = (res: ServerResponse, bytes: number) => {
  res.req.resume();
  res.writeHead(200, { 'Content-Type': 'application/json' });
  res.write('{"token":"');
  let left = bytes;
  const pump = () => {
    while (left > 0 && !res.destroyed) {
      const chunk = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
      left -= chunk.length;
      if (!res.write(chunk)) return;
    }
    if (left === 0) {
      left = -1;
      res.end('"}');
    }
  };
  res.on('drain', pump);
  pump();
};

const start = (res: ServerResponse, answer: Answer): Buffer => {
  const body = Buffer.from(answer.body);
  res.writeHead(answer.status, { ...answer.headers, 'Content-Length': body.length });
  return body;
};

const drip = (res: ServerResponse, answer: Answer, ms: number) => {
  const body = start(res, answer);
  res.flushHeaders();
  let sent = 0;
  const timer = setInterval(() => {
    res.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent < body.length) return;
    clearInterval(timer);
    res.end();
  }, ms);
  res.on('close', () => clearInterval(timer));
};

const cut = (res: ServerResponse, answer: Answer) => {
  const body = start(res, answer);
  res.write(body.subarray(0, Math.ceil(body.length / 2)), () => res.destroy());
};
