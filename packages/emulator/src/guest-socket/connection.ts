// One connection to the guest socket, whatever carries it: what it may ask, how often, and what goes wrong with it.
import type { Fault } from '../faults.ts';
import type { Login } from '../members/logins.ts';
import type { Call } from '../stats.ts';
import { ACTIONS } from './actions.ts';
import type { Connection, Guests } from './context.ts';
import { AUTHENTICATION_FAILED, event, type Frame, type Request, refused } from './frames.ts';
import { viewOf } from './sessions.ts';

/** What carries frames to a client. */
export interface Carrier {
  readonly deploymentId: string;
  /** The name that the client gave itself. */
  readonly application: string;
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Breaks the connection. */
  terminate(): void;
}

/** The emulator's Messenger, which is also told what the agent sees. */
export const MESSENGER = 'genesys-emulator';

/** Requests that a connection may make in a minute. */
const REQUESTS = 60;
const MINUTE = 60_000;
const BAD = 'Request failed.';

export interface Receiver {
  receive(text: string): void;
  /** The client is gone. */
  closed(): void;
}

export const connect = (guests: Guests, carrier: Carrier): Receiver => {
  const connection = createConnection(carrier);
  const late = new Set<ReturnType<typeof setTimeout>>();
  const allow = createAllowance(guests.now);

  const run = (request: Request) => {
    const wait = allow();
    if (wait > 0) connection.send(tooMany(wait, request.tracingId));
    else ACTIONS[request.action]?.(guests, connection, request);
  };
  const suffer = (fault: Fault, request: Request) => {
    if (fault.fault === 'reset') carrier.terminate();
    else if (fault.fault === 'delay') {
      const timer = setTimeout(() => {
        late.delete(timer);
        run(request);
      }, fault.ms ?? 1000);
      late.add(timer);
    } else if (fault.fault === 'status') connection.send(statusFrame(fault, request.tracingId));
    else if (fault.fault !== 'hang') carrier.send(NONSENSE[fault.fault] ?? '');
  };

  return {
    receive(text) {
      const request = parse(text);
      if (request === undefined) return connection.send(refused(400, BAD));
      guests.stats.arrived(request.action as Call);
      const fault = guests.faults.take(request.action as Call);
      if (fault) suffer(fault, request);
      else run(request);
    },
    closed() {
      for (const timer of late) clearTimeout(timer);
      connection.session?.devices.delete(connection);
    },
  };
};

const createConnection = (carrier: Carrier): Connection => {
  const connection: Connection = {
    deploymentId: carrier.deploymentId,
    session: undefined,
    token: undefined,
    login: undefined,
    signedOut: false,
    send(frame) {
      carrier.send(JSON.stringify(frame));
      const { session } = connection;
      if (carrier.application !== MESSENGER || session === undefined || !tellsTheAgent(frame)) return;
      carrier.send(JSON.stringify(event('EmulatorAgentView', viewOf(session))));
    },
    close() {
      connection.session?.devices.delete(connection);
      carrier.close(1000, 'The session has closed this connection.');
    },
  };
  return connection;
};

/** A member signed out: every connection of theirs is told, and can say nothing more. */
export const logOut = ({ sessions }: Guests, login: Login): void => {
  for (const session of sessions.ofDevices(login.deploymentId, login.member.sub)) {
    for (const device of [...session.devices]) {
      device.send(event('LogoutEvent'));
      (device as Connection).signedOut = true;
      session.devices.delete(device);
    }
  }
};

const parse = (text: string): Request | undefined => {
  try {
    const value = JSON.parse(text) as Partial<Request> | null;
    const known = typeof value?.action === 'string' && Object.hasOwn(ACTIONS, value.action);
    return known && typeof value.token === 'string' ? (value as Request) : undefined;
  } catch {
    return undefined;
  }
};

/** After what the agent sees something else. */
const tellsTheAgent = (frame: Frame): boolean =>
  ['SessionResponse', 'StructuredMessage'].includes(frame.class) && frame.code === 200;

/** Seconds to wait until the next request may come; 0 for now. */
const createAllowance = (now: () => number) => {
  let since = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (): number => {
    const at = now();
    if (at >= since + MINUTE || at < since) {
      since = at;
      count = 0;
    }
    count += 1;
    return count > REQUESTS ? Math.max(1, Math.ceil((since + MINUTE - at) / 1000)) : 0;
  };
};

const tooMany = (retryAfter: number, tracingId: string | undefined): Frame => ({
  type: 'response',
  class: 'TooManyRequestsErrorMessage',
  code: 429,
  body: { retryAfter, errorCode: 4029, errorMessage: 'Message rate too high for this session' },
  ...(tracingId !== undefined && { tracingId }),
});

const statusFrame = ({ status = 500, message }: Fault, tracingId: string | undefined): Frame =>
  refused(status, message ?? (status === 403 ? AUTHENTICATION_FAILED : BAD), tracingId);

const NONSENSE: Readonly<Record<string, string>> = {
  html: '<h1>Back soon</h1>',
  'wrong-shape': '{"class":42,"body":"soon"}',
};
