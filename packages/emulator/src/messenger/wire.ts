// The frames of the guest socket, as far as Messenger looks into them.

export interface Frame {
  readonly type: string;
  readonly class: string;
  readonly code: number;
  readonly body: unknown;
  readonly tracingId?: string;
}

export interface ConversationEvent {
  readonly eventType: string;
  readonly presence?: { readonly type: string };
  readonly typing?: { readonly type: string; readonly duration?: number };
}

export interface Message {
  readonly id: string;
  readonly type: string;
  readonly direction: 'Inbound' | 'Outbound';
  readonly text?: string;
  readonly events?: readonly ConversationEvent[];
  readonly channel?: {
    readonly time?: string;
    readonly metadata?: { readonly customAttributes?: Readonly<Record<string, unknown>> };
  };
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tracingId?: string;
}

export interface SessionResponse {
  readonly connected: boolean;
  readonly newSession: boolean;
  readonly readOnly: boolean;
}

/** What the platform has proven of the visitor, for the agent. */
export interface Proven {
  readonly isAuthenticated: boolean;
  readonly sub?: string;
  readonly email?: string;
  readonly name?: string;
}

export const presenceOf = ({ events }: Message): string | undefined =>
  events?.find(({ eventType }) => eventType === 'Presence')?.presence?.type;

export const typingOf = ({ events }: Message): ConversationEvent['typing'] =>
  events?.find(({ eventType }) => eventType === 'Typing')?.typing;

/** Messages as `restored` and `oldMessages` carry them. */
export const formatted = ({ id, type, direction, text, channel }: Message) => ({
  id,
  type: type.toLowerCase(),
  messageType: direction.toLowerCase(),
  ...(text !== undefined && { text }),
  time: channel?.time,
  timestamp: channel?.time,
});
