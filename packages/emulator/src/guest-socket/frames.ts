// What goes over the guest socket, in the shapes of Genesys' own transport SDK.
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@genesys-guest/common';

/** From the platform to a client. */
export interface Frame {
  readonly type: 'response' | 'message';
  readonly class: string;
  readonly code: number;
  readonly body: unknown;
  readonly tracingId?: string;
}

/** From a client to the platform. */
export interface Request {
  readonly action: string;
  readonly token: string;
  readonly tracingId?: string;
  readonly deploymentId?: unknown;
  readonly startNew?: unknown;
  readonly data?: unknown;
  readonly message?: unknown;
  readonly closeAllConnections?: unknown;
}

/** What happens beside messages. */
export interface ConversationEvent {
  /** Who is there, or who types. */
  readonly eventType: 'Presence' | 'Typing';
  /** Who came or left. */
  readonly presence?: Readonly<Record<'type', string>>;
  /** For how many milliseconds. */
  readonly typing?: Readonly<Record<'type', string> & Partial<Record<'duration', number>>>;
}

/** A message of a conversation, as the socket and the history have it. */
export interface StructuredMessage {
  /** Of the message. */
  readonly id: string;
  /** A text, or events. */
  readonly type: 'Text' | 'Event';
  /** `Inbound`: from the visitor. */
  readonly direction: 'Inbound' | 'Outbound';
  /** What was said. */
  readonly text?: string;
  /** What happened. */
  readonly events?: readonly ConversationEvent[];
  /** How it came. */
  readonly channel: {
    /** ISO 8601. */
    readonly time: string;
    /** Of the channel. */
    readonly messageId: string;
    /** What rode on it. */
    readonly metadata?: Readonly<Record<'customAttributes', Readonly<Record<string, unknown>>>>;
  };
  /** Who said it, of an outbound one. */
  readonly originatingEntity?: 'Human' | 'Bot';
  /** What the sender added. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const traced = (frame: Frame, tracingId: string | undefined): Frame =>
  tracingId === undefined ? frame : { ...frame, tracingId };

export const response = (name: string, body: unknown, tracingId?: string): Frame =>
  traced({ type: 'response', class: name, code: 200, body }, tracingId);

/** A refusal: `code` is a status or one of the platform's own, such as 4013; the body is a text. */
export const refused = (code: number, body: string, tracingId?: string): Frame =>
  traced({ type: 'response', class: 'string', code, body }, tracingId);

export const event = (name: string, body: unknown = {}): Frame => ({
  type: 'message',
  class: name,
  code: 200,
  body,
});

export const messageFrame = (message: StructuredMessage, tracingId?: string): Frame =>
  traced({ type: 'message', class: 'StructuredMessage', code: 200, body: message }, tracingId);

export const sessionResponse = (
  told: {
    readonly connected: boolean;
    readonly newSession: boolean;
    readonly readOnly: boolean;
    readonly clearedExistingSession?: boolean;
  },
  tracingId?: string,
): Frame =>
  response(
    'SessionResponse',
    {
      clearedExistingSession: false,
      ...told,
      maxCustomDataBytes: LIMITS.customAttributesBytes,
      allowedMedia: {},
      blockedExtensions: [],
    },
    tracingId,
  );

type Content = Omit<StructuredMessage, 'id' | 'direction' | 'channel'> & {
  readonly customAttributes?: Readonly<Record<string, unknown>> | undefined;
};

const structured = (
  direction: StructuredMessage['direction'],
  at: number,
  content: Content,
): StructuredMessage => {
  const { customAttributes, ...rest } = content;
  const id = randomUUID();
  return {
    ...rest,
    id,
    direction,
    channel: {
      time: new Date(at).toISOString(),
      messageId: id,
      ...(customAttributes && { metadata: { customAttributes } }),
    },
  };
};

/** What a visitor says. */
export const inbound = (at: number, content: Content): StructuredMessage =>
  structured('Inbound', at, content);

/** What an agent, or the platform, says. */
export const outbound = (at: number, content: Content): StructuredMessage =>
  structured('Outbound', at, { originatingEntity: 'Human', ...content });

export const presence = (type: string): ConversationEvent => ({ eventType: 'Presence', presence: { type } });

export const typing = (): ConversationEvent => ({
  eventType: 'Typing',
  typing: { type: 'On', duration: 5000 },
});

/** The words by which a client knows that it must authenticate anew. */
export const AUTHENTICATION_FAILED = 'Session authentication failed';
export const AUTHENTICATE_AGAIN = 'Try to authenticate again';
