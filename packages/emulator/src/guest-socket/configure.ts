// `configureSession` and `configureAuthenticatedSession`: which session a connection gets, and as whom.

import type { Login } from '../members/logins.ts';
import { isDeployment } from '../settings.ts';
import type { Connection, Guests } from './context.ts';
import {
  AUTHENTICATE_AGAIN,
  AUTHENTICATION_FAILED,
  event,
  inbound,
  presence,
  type Request,
  refused,
  sessionResponse,
} from './frames.ts';
import type { Session } from './sessions.ts';

/** Connections that one session may have; the oldest gives way. */
const CONNECTIONS = 3;

/** The longest session token that is taken, in characters. */
const TOKEN = 2048;

export const configureSession = (guests: Guests, connection: Connection, request: Request): void => {
  const known = guests.sessions.ofToken(connection.deploymentId, request.token);
  const refuse = (code: number, words: string) => connection.send(refused(code, words, request.tracingId));
  if (!isSound(guests, connection, request)) refuse(400, 'Request failed.');
  else if (guests.settings.auth === 'required') refuse(403, AUTHENTICATION_FAILED);
  else if (known?.member) refuse(4017, 'A session that was authenticated needs authentication');
  else begin(guests, connection, request, known);
};

export const configureAuthenticatedSession = (guests: Guests, connection: Connection, request: Request) => {
  const { sessions, refusals } = guests;
  const { deploymentId } = connection;
  const refuse = (code: number, words: string) => connection.send(refused(code, words, request.tracingId));
  if (!isSound(guests, connection, request)) return refuse(400, 'Request failed.');
  const { login, why } = loginOf(guests, connection, request);
  if (login === undefined) {
    refusals.add('configureAuthenticatedSession', `the JWT is ${why}`);
    return refuse(403, why === 'expired' ? AUTHENTICATION_FAILED : AUTHENTICATE_AGAIN);
  }
  const anonymous = sessions.ofToken(deploymentId, request.token);
  const own = sessions.ofMember(deploymentId, login.member.sub);
  if (anonymous && !anonymous.member) stepUp(guests, connection, request, anonymous, own, login);
  else begin(guests, connection, request, own, login);
};

/** Who shows the JWT; without `login`, what is wrong with it. */
const loginOf = (
  { settings, logins }: Guests,
  { deploymentId }: Connection,
  { data }: Request,
): { readonly login?: Login; readonly why?: string } => {
  if (settings.auth === 'off') return { why: 'not asked for: authentication is off' };
  const { code } = (data ?? {}) as { code?: unknown };
  const standing = logins.standing(typeof code === 'string' ? code : '');
  if (!standing.good) return { why: standing.why };
  return standing.login.deploymentId === deploymentId
    ? { login: standing.login }
    : { why: 'of another deployment' };
};

const isSound = ({ settings }: Guests, { deploymentId }: Connection, request: Request): boolean =>
  request.deploymentId === deploymentId &&
  isDeployment(settings, deploymentId) &&
  request.token !== '' &&
  request.token.length <= TOKEN;

/** Goes on with the session that there is, or with a new one where there is none or the last one has ended. */
const begin = (
  guests: Guests,
  connection: Connection,
  request: Request,
  known: Session | undefined,
  login?: Connection['login'],
): void => {
  const { sessions } = guests;
  const over = known !== undefined && isReadOnly(guests, known);
  const fresh = known === undefined || (over && request.startNew === true);
  if (known && fresh) sessions.end(known, known.state);
  const session = fresh ? sessions.open(connection.deploymentId, request.token, login?.member) : known;
  if (!fresh) sessions.join(session, request.token);
  attach(connection, session, request.token, login);
  const readOnly = !fresh && over;
  connection.send(sessionResponse({ connected: true, newSession: fresh, readOnly }, request.tracingId));
};

/** Whether nothing can be said any more: the agent has disconnected, and the deployment wants it so. */
export const isReadOnly = ({ settings }: Guests, { state }: Session): boolean =>
  state === 'closed' || (state === 'disconnected' && settings.conversationDisconnect === 'ReadOnly');

const stepUp = (
  guests: Guests,
  connection: Connection,
  request: Request,
  session: Session,
  other: Session | undefined,
  login: NonNullable<Connection['login']>,
): void => {
  const { sessions, now } = guests;
  if (other) {
    for (const device of other.devices) device.send(event('SessionClearedEvent'));
    sessions.end(other, 'cleared');
    closeOthers(other, connection);
  }
  closeOthers(session, connection, 'signedIn');
  sessions.stepUp(session, login.member);
  attach(connection, session, request.token, login);
  const told = {
    connected: true,
    newSession: false,
    readOnly: isReadOnly(guests, session),
    clearedExistingSession: other !== undefined,
  };
  connection.send(sessionResponse(told, request.tracingId));
  sessions.add(session, inbound(now(), { type: 'Event', events: [presence('SignIn')] }));
};

const attach = (connection: Connection, session: Session, token: string, login: Connection['login']) => {
  connection.session?.devices.delete(connection);
  connection.session = session;
  connection.token = token;
  connection.login = login;
  connection.signedOut = false;
  session.devices.add(connection);
  for (const device of [...session.devices].slice(0, -CONNECTIONS)) {
    device.send(event('ConnectionClosedEvent'));
    device.close();
  }
};

/** Tells every other connection of the session that it is closed, and closes it. */
export const closeOthers = (session: Session, connection: Connection, reason?: string): void => {
  for (const device of [...session.devices]) {
    if (device === connection) continue;
    device.send(event('ConnectionClosedEvent', reason === undefined ? {} : { reason }));
    device.close();
  }
};
