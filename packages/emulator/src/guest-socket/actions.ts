// What a connection that has its session can ask for: to say something, to be echoed, a JWT, an end.
import { LIMITS } from '@genesys-guest/common';
import { closeOthers, configureAuthenticatedSession, configureSession, isReadOnly } from './configure.ts';
import type { Connection, Guests } from './context.ts';
import {
  AUTHENTICATION_FAILED,
  event,
  type Frame,
  inbound,
  presence,
  type Request,
  refused,
  response,
  sessionResponse,
} from './frames.ts';
import type { Session } from './sessions.ts';

/** Characters of the longest message that is taken. */
const TEXT = 4096;
/** Seconds that a JWT for the history lives. */
const HISTORY_JWT = 3600;

type Action = (guests: Guests, connection: Connection, request: Request) => void;

/** An action of a session: refused where this connection has none, or not the one that its token names. */
const ofSession =
  (work: (guests: Guests, connection: Connection, request: Request, session: Session) => void): Action =>
  (guests, connection, request) => {
    const { session, token } = connection;
    if (connection.signedOut) connection.send(refused(403, AUTHENTICATION_FAILED, request.tracingId));
    else if (session === undefined || token !== request.token) {
      connection.send(refused(4007, 'Session not found', request.tracingId));
    } else work(guests, connection, request, session);
  };

interface Said {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly events?: unknown;
  readonly channel?: { readonly metadata?: { readonly customAttributes?: unknown } } | null;
}

const attributesOf = ({ channel }: Said): Readonly<Record<string, unknown>> | undefined => {
  const given = channel?.metadata?.customAttributes;
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? (given as Record<string, unknown>)
    : undefined;
};

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value ?? {}));

const onMessage = ofSession((guests, connection, request, session) => {
  const { tracingId } = request;
  const message = (request.message ?? {}) as Said;
  const customAttributes = attributesOf(message);
  const refuse = (code: number, words: string) => connection.send(refused(code, words, tracingId));
  if (bytesOf(customAttributes) > LIMITS.customAttributesBytes) {
    const words = `Custom Attributes in channel metadata is larger than ${LIMITS.customAttributesBytes} bytes`;
    return refuse(4013, words);
  }
  if (message.type === 'Event') return onEvent(guests, connection, request, session, message);
  if (typeof message.text !== 'string') return refuse(400, 'Request failed.');
  if (message.text.length > TEXT) return refuse(4011, 'message too long');
  if (isReadOnly(guests, session)) return refuse(409, 'Conversation is read only');
  if (session.state === 'disconnected') session.state = 'connected';
  const metadata = session.member && { authenticated: 'true' };
  const said = { type: 'Text', text: message.text, customAttributes, ...(metadata && { metadata }) } as const;
  guests.sessions.add(session, inbound(guests.now(), said), tracingId);
  guests.agent.hear(session, message.text);
});

const onEvent = (
  guests: Guests,
  connection: Connection,
  { tracingId }: Request,
  session: Session,
  message: Said,
): void => {
  const events = Array.isArray(message.events) ? message.events : [];
  const type: unknown = events[0]?.presence?.type;
  if (type === 'Join' && !isReadOnly(guests, session)) {
    const customAttributes = attributesOf(message);
    const join = inbound(guests.now(), { type: 'Event', events: [presence('Join')], customAttributes });
    guests.sessions.add(session, join, tracingId);
  } else if (type === 'Clear') clear(guests, connection, session, tracingId);
  else if (events[0]?.eventType !== 'Typing') connection.send(refused(400, 'Request failed.', tracingId));
};

const clear = (guests: Guests, connection: Connection, session: Session, tracingId: string | undefined) => {
  if (!guests.settings.clearConversation) {
    return connection.send(refused(403, 'Presence events Conversation Clear are not supported', tracingId));
  }
  for (const device of session.devices) device.send(event('SessionClearedEvent'));
  guests.sessions.end(session, 'cleared');
  closeOthers(session, connection);
  connection.send(event('ConnectionClosedEvent'));
  connection.close();
};

const echo = ofSession((_guests, connection, { message, tracingId }) => {
  const { text = 'ping' } = (message ?? {}) as { text?: unknown };
  connection.send(
    response('StructuredMessage', { text, type: 'Text', direction: 'Inbound', id: 'echo_id' }, tracingId),
  );
});

const getJwt = ofSession((guests, connection, { tracingId }, session) => {
  const exp = Math.floor(guests.now() / 1000) + HISTORY_JWT;
  const frame: Frame = response('JwtResponse', { jwt: guests.historyJwt(session, exp), exp }, tracingId);
  connection.send(frame);
});

const closeSession = ofSession((_guests, connection, { tracingId, closeAllConnections }, session) => {
  if (closeAllConnections === true) {
    closeOthers(session, connection);
    session.state = session.state === 'connected' ? 'closed' : session.state;
  }
  connection.send(sessionResponse({ connected: false, newSession: false, readOnly: true }, tracingId));
  if (closeAllConnections !== true) connection.close();
});

export const ACTIONS: Readonly<Record<string, Action>> = {
  configureSession,
  configureAuthenticatedSession,
  onMessage,
  echo,
  getJwt,
  closeSession,
};
