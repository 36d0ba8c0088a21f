// Sessions on the guest socket and the conversations in them, with what an agent sees of each.
import { randomUUID } from 'node:crypto';
import type { Member } from '../members/logins.ts';
import { type Frame, messageFrame, type StructuredMessage } from './frames.ts';

/** One connection, as its session knows it. */
export interface Device {
  send(frame: Frame): void;
  /** Ends the connection from the platform's side. */
  close(): void;
}

/** `connected`: it goes on. Then how it ended: by the agent, by the visitor, or because the visitor signed in to another. */
export type ConversationState = 'connected' | 'disconnected' | 'cleared' | 'closed';

export interface Session {
  readonly conversationId: string;
  readonly deploymentId: string;
  readonly startedAt: number;
  /** Which the client made; another device of a member has one of its own. */
  readonly tokens: Set<string>;
  /** Proven by the provider; `undefined` while the visitor is anonymous. */
  member: Member | undefined;
  state: ConversationState;
  readonly devices: Set<Device>;
  readonly messages: StructuredMessage[];
}

/** What an agent sees of a conversation: what is proven, and beside it what the visitor said. */
export interface AgentView {
  /** Of the conversation. */
  readonly conversationId: string;
  /** The deployment that it came by. */
  readonly deploymentId: string;
  /** How it stands. */
  readonly state: ConversationState;
  /** ISO 8601. */
  readonly startedAt: string;
  /** What the platform itself vouches for. */
  readonly proven: {
    /** A signed-in member. */
    readonly isAuthenticated: boolean;
    /** The id, from the ID token. */
    readonly sub?: string;
    /** From the ID token. */
    readonly email?: string;
    /** From the ID token. */
    readonly name?: string;
  };
  /** The custom attributes that came with the visitor's last message. Anybody can write anything there. */
  readonly said: Readonly<Record<string, unknown>>;
  /** Tabs that are connected. */
  readonly connections: number;
  /** The oldest first. */
  readonly messages: readonly StructuredMessage[];
}

export interface Sessions {
  ofToken(deploymentId: string, token: string): Session | undefined;
  ofMember(deploymentId: string, sub: string): Session | undefined;
  ofConversation(conversationId: string): Session | undefined;
  open(deploymentId: string, token: string, member?: Member): Session;
  /** From now on `token` names this session. */
  join(session: Session, token: string): void;
  /** The anonymous session becomes the member's. */
  stepUp(session: Session, member: Member): void;
  /** A session that ended is nobody's to configure any more; the agent keeps its conversation. */
  end(session: Session, state: ConversationState): void;
  /** Adds to the conversation, and tells every device. */
  add(session: Session, message: StructuredMessage, tracingId?: string): void;
  /** Every member's session that has devices. */
  ofDevices(deploymentId: string, sub: string): readonly Session[];
  /** Those in which somebody has said something, the oldest first. */
  views(): readonly AgentView[];
  reset(): void;
}

/** Conversations, and messages of each, that are kept; the oldest is forgotten first. */
const CONVERSATIONS = 10_000;
const MESSAGES = 1_000;

const keyOf = (deploymentId: string, name: string) => `${deploymentId}\n${name}`;

/** Sessions by what names them; one that has ended is named by nothing. */
const createIndex = () => {
  const byToken = new Map<string, Session>();
  const byMember = new Map<string, Session>();
  const join = (session: Session, token: string) => {
    session.tokens.add(token);
    byToken.set(keyOf(session.deploymentId, token), session);
  };
  const belong = (session: Session, member: Member) => {
    session.member = member;
    byMember.set(keyOf(session.deploymentId, member.sub), session);
  };
  const drop = (session: Session) => {
    const { deploymentId, tokens, member } = session;
    const forget = (map: Map<string, Session>, key: string) => {
      if (map.get(key) === session) map.delete(key);
    };
    for (const token of tokens) forget(byToken, keyOf(deploymentId, token));
    if (member) forget(byMember, keyOf(deploymentId, member.sub));
  };
  return {
    join,
    belong,
    drop,
    ofToken: (deploymentId: string, token: string) => byToken.get(keyOf(deploymentId, token)),
    ofMember: (deploymentId: string, sub: string) => byMember.get(keyOf(deploymentId, sub)),
    reset() {
      byToken.clear();
      byMember.clear();
    },
  };
};

export const createSessions = (now: () => number): Sessions => {
  const all = new Map<string, Session>();
  const index = createIndex();

  const open = (deploymentId: string): Session => ({
    conversationId: randomUUID(),
    deploymentId,
    startedAt: now(),
    tokens: new Set(),
    member: undefined,
    state: 'connected',
    devices: new Set(),
    messages: [],
  });
  const forgetOldest = () => {
    const oldest = all.values().next().value as Session;
    index.drop(oldest);
    all.delete(oldest.conversationId);
  };

  return {
    join: index.join,
    stepUp: index.belong,
    ofToken: index.ofToken,
    ofMember: index.ofMember,
    ofConversation: (conversationId) => all.get(conversationId),
    open(deploymentId, token, member) {
      const session = open(deploymentId);
      all.set(session.conversationId, session);
      index.join(session, token);
      if (member) index.belong(session, member);
      if (all.size > CONVERSATIONS) forgetOldest();
      return session;
    },
    end(session, state) {
      session.state = state;
      index.drop(session);
    },
    add(session, message, tracingId) {
      session.messages.push(message);
      if (session.messages.length > MESSAGES) session.messages.shift();
      for (const device of session.devices) device.send(messageFrame(message, tracingId));
    },
    ofDevices: (deploymentId, sub) =>
      [...all.values()].filter(
        ({ devices, deploymentId: id, member }) =>
          devices.size > 0 && id === deploymentId && member?.sub === sub,
      ),
    views: () => [...all.values()].filter(({ messages }) => messages.length > 0).map(viewOf),
    reset() {
      for (const { devices } of all.values()) for (const device of devices) device.close();
      all.clear();
      index.reset();
    },
  };
};

export const viewOf = (session: Session): AgentView => {
  const { conversationId, deploymentId, state, startedAt, member, devices, messages } = session;
  const last = messages.findLast(({ direction, type }) => direction === 'Inbound' && type === 'Text');
  return {
    conversationId,
    deploymentId,
    state,
    startedAt: new Date(startedAt).toISOString(),
    proven: { isAuthenticated: member !== undefined, ...(member && provenOf(member)) },
    said: last?.channel.metadata?.customAttributes ?? {},
    connections: devices.size,
    messages: [...messages],
  };
};

const provenOf = ({ sub, email, givenName, familyName }: Member) => {
  const name = [givenName, familyName].filter((part) => part !== undefined).join(' ');
  return { sub, ...(email !== undefined && { email }), ...(name !== '' && { name }) };
};
