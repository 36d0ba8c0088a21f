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
  readonly conversationId: string;
  readonly deploymentId: string;
  readonly state: ConversationState;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly proven: {
    readonly isAuthenticated: boolean;
    readonly sub?: string;
    readonly email?: string;
    readonly name?: string;
  };
  /** The custom attributes that came with the visitor's last message. Anybody can write anything there. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly connections: number;
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

export const createSessions = (now: () => number): Sessions => {
  const all = new Map<string, Session>();
  const byToken = new Map<string, Session>();
  const byMember = new Map<string, Session>();

  const drop = (session: Session) => {
    for (const token of session.tokens) {
      const key = keyOf(session.deploymentId, token);
      if (byToken.get(key) === session) byToken.delete(key);
    }
    const key = session.member && keyOf(session.deploymentId, session.member.sub);
    if (key !== undefined && byMember.get(key) === session) byMember.delete(key);
  };
  const join = (session: Session, token: string) => {
    session.tokens.add(token);
    byToken.set(keyOf(session.deploymentId, token), session);
  };

  return {
    join,
    ofToken: (deploymentId, token) => byToken.get(keyOf(deploymentId, token)),
    ofMember: (deploymentId, sub) => byMember.get(keyOf(deploymentId, sub)),
    ofConversation: (conversationId) => all.get(conversationId),
    open(deploymentId, token, member) {
      const session: Session = {
        conversationId: randomUUID(),
        deploymentId,
        startedAt: now(),
        tokens: new Set(),
        member,
        state: 'connected',
        devices: new Set(),
        messages: [],
      };
      all.set(session.conversationId, session);
      join(session, token);
      if (member) byMember.set(keyOf(deploymentId, member.sub), session);
      if (all.size > CONVERSATIONS) {
        const oldest = all.values().next().value as Session;
        drop(oldest);
        all.delete(oldest.conversationId);
      }
      return session;
    },
    stepUp(session, member) {
      session.member = member;
      byMember.set(keyOf(session.deploymentId, member.sub), session);
    },
    end(session, state) {
      session.state = state;
      drop(session);
    },
    add(session, message, tracingId) {
      session.messages.push(message);
      if (session.messages.length > MESSAGES) session.messages.shift();
      for (const device of session.devices) device.send(messageFrame(message, tracingId));
    },
    ofDevices: (deploymentId, sub) =>
      [...all.values()].filter(
        (session) =>
          session.devices.size > 0 && session.deploymentId === deploymentId && session.member?.sub === sub,
      ),
    views: () => [...all.values()].filter(({ messages }) => messages.length > 0).map(viewOf),
    reset() {
      for (const { devices } of all.values()) for (const device of devices) device.close();
      for (const map of [all, byToken, byMember]) map.clear();
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
