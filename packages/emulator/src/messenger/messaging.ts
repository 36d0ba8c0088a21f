// The plugin `MessagingService`: a conversation that lives on the platform, and the commands that move it.
import type { Auth } from './auth.ts';
import type { Bus } from './bus.ts';
import { createConversation, type MessagingView, type Notice, pageOf } from './conversation.ts';
import type { Core } from './core.ts';
import { attributesOf, type Database } from './database.ts';
import type { DeploymentConfig } from './deployment.ts';
import type { Started } from './handshake.ts';
import { registerMessagingCommands } from './messaging-commands.ts';
import { createSession, type Session } from './session.ts';
import type { Storage } from './storage.ts';
import type { Frame, Message, Proven } from './wire.ts';

export interface Messaging {
  send(text: string): void;
  clearConversation(): void;
  resetConversation(): void;
  stepUpConversation(): void;
  /** The window was opened: goes on with what there is, as a member where one can be had. */
  opened(): void;
  /** Everything was wiped: nothing is sent or shown any more. */
  sessionCleared(): void;
  /** Publishes `ready`, and goes on with the conversation of the last page, if there is one. */
  ready(): void;
  show(view: MessagingView): void;
  readonly active: boolean;
}

export interface MessagingParts {
  readonly bus: Bus;
  /** Where the script came from. */
  readonly origin: string;
  readonly config: DeploymentConfig;
  readonly storage: Storage;
  readonly auth: Auth;
  readonly database: Database;
}

const RESTORE_AFTER = 50;
const TOO_LARGE = 4013;
const SIZE_EXCEEDED = 'customAttributesSizeExceeded';

export const registerMessaging = (parts: MessagingParts): Messaging => {
  const { bus, config, auth, database } = parts;
  const plugin = bus.plugin('MessagingService');
  const conversation = createConversation(plugin, () => noticeOf(auth, session));
  const session: Session = createSession({
    ...parts,
    events: {
      frame: (frame) => receive(core, frame),
      reconnecting: () => plugin.publish('reconnecting'),
      async reconnected() {
        plugin.publish('reconnected');
        for (const message of await catchUp(core))
          plugin.publish('messagesReceived', { messages: [message] });
      },
    },
  });
  const begun = ({ newSession, authenticated, readOnly }: Started) => {
    conversation.setReadOnly(readOnly);
    plugin.republish('started', { newSession, authenticated, readOnly });
  };
  const core: Core = {
    plugin,
    session,
    conversation,
    auth,
    config,
    begun,
    report: (reason) => plugin.publish('error', { error: reason }),
    ensure: () => {
      ensuring ??= goOn(core).finally(() => {
        ensuring = undefined;
      });
      return ensuring;
    },
    send: (text) => send(core, database, text),
    over(frame) {
      session.forget();
      conversation.clear();
      if (config.emulator?.databaseEmptied !== false) database.empty();
      plugin.publish('conversationCleared', frame);
    },
  };
  let ensuring: Promise<void> | undefined;
  const commands = registerMessagingCommands(core, database);
  watchOthers(core);

  return {
    ...commands,
    send: (text) => void core.send(text).catch(core.report),
    opened: followWindow(core),
    sessionCleared() {
      conversation.show(undefined);
      session.leave();
      plugin.publish('sessionCleared');
    },
    get active() {
      return session.active;
    },
    show: conversation.show,
    ready() {
      plugin.ready();
      if (session.active) setTimeout(() => void restore(core), RESTORE_AFTER);
    },
  };
};

const noticeOf = (auth: Auth, session: Session): Notice => {
  if (!auth.enabled || session.authenticated) return 'none';
  if (!auth.upgradable) return auth.jwt() === undefined ? 'sign-in' : 'none';
  return session.live && auth.providerReady ? 'step-up' : 'none';
};

const goOn = async (core: Core): Promise<void> => {
  const { plugin, session } = core;
  if (session.live) return;
  const started = await session.start();
  core.begun(started);
  if (!started.newSession) plugin.republish('restored', pageOf(await catchUp(core), 1));
};

/** Goes on when the window is opened, and when the page's provider comes after that. */
const followWindow = ({ session, conversation, auth, ensure, report }: Core): (() => void) => {
  let opened = false;
  const follow = () => {
    opened = true;
    const wanted = session.active || (auth.enabled && (auth.providerReady || auth.jwt() !== undefined));
    if (wanted && !session.live) ensure().catch(report).finally(conversation.notice);
  };
  auth.onProviderReady(() => {
    conversation.notice();
    if (opened) follow();
  });
  return follow;
};

/** What came while this page was not there. */
const catchUp = async ({ session, conversation, report }: Core): Promise<readonly Message[]> => {
  try {
    return conversation.restore((await session.history(1)).entities);
  } catch (error) {
    report(error);
    return [];
  }
};

/** Goes on with the conversation of another page, or after a sign-in in another tab. */
const restore = async ({ plugin, conversation, ensure, report }: Core): Promise<void> => {
  plugin.republish('restoring');
  await ensure().catch(report);
  conversation.notice();
};

const send = async (core: Core, database: Database, text: string): Promise<void> => {
  const { plugin, session, conversation } = core;
  const customAttributes = attributesOf(database.facts());
  await core.ensure().catch((reason: unknown) => {
    conversation.failed(text, 'The conversation cannot be started');
    throw reason;
  });
  const tracingId = crypto.randomUUID();
  const channel = Object.keys(customAttributes).length > 0 && { channel: { metadata: { customAttributes } } };
  plugin.publish('sendingMessage', { message: { type: 'Text', text, tracingId } });
  const frame = await session.ask('onMessage', { tracingId, message: { type: 'Text', text, ...channel } });
  if (frame.code === 200) return;
  const why = typeof frame.body === 'string' ? frame.body : 'Too many messages at once';
  conversation.failed(text, why);
  if (frame.code !== TOO_LARGE) throw frame;
  plugin.publish(SIZE_EXCEEDED, {
    body: 'customAttributes object is larger than allowed limit: 2048 bytes',
    errorKey: SIZE_EXCEEDED,
  });
  throw { ...frame, errorKey: SIZE_EXCEEDED };
};

/** What the platform says without having been asked. */
const receive = (core: Core, frame: Frame): void => {
  const { plugin, session, conversation, auth } = core;
  const { body, tracingId } = frame;
  if (frame.class === 'StructuredMessage' && frame.type === 'message') {
    conversation.receive({ ...(body as Message), ...(tracingId !== undefined && { tracingId }) });
  } else if (frame.class === 'EmulatorAgentView') conversation.proven((body as { proven: Proven }).proven);
  else if (frame.class === 'SessionClearedEvent') core.over(frame);
  else if (frame.class === 'LogoutEvent') auth.end();
  else if (frame.class === 'ConnectionClosedEvent') {
    session.leave();
    const signedIn = (body as { reason?: string }).reason === 'signedIn';
    // The visitor signed in: in another tab of this browser, or on a device whose conversation it is from now on.
    if (signedIn && auth.jwt() !== undefined) void restore(core);
    else if (signedIn) leaveToOthers(core);
    else if (session.active) plugin.publish('offline');
  }
};

const leaveToOthers = ({ plugin, session, conversation }: Core) => {
  session.forget();
  conversation.clear();
  plugin.publish('sessionCleared');
};

/** Follows a sign-out, and what other tabs do. */
const watchOthers = (core: Core): void => {
  const { session, auth, conversation } = core;
  auth.onLoggedOut(() => {
    if (session.active || session.live) leaveToOthers(core);
    conversation.notice();
  });
  session.onActive((active) => {
    if (active && !session.live) void core.ensure().catch(core.report);
    else if (!active && session.live) {
      session.leave();
      conversation.clear();
    }
  });
};
