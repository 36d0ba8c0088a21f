// The agent of every conversation: says again what the visitor said, and what a test tells it to say.
import type { ConversationDisconnect } from '../settings.ts';
import { messageFrame, outbound, presence, typing } from './frames.ts';
import type { Session, Sessions } from './sessions.ts';

export interface Agent {
  /** Hears what a visitor said, and answers a little later. */
  hear(session: Session, text: string): void;
  say(session: Session, text: string): void;
  /** Ends the conversation from the agent's side. */
  disconnect(session: Session): void;
  /** Forgets what it was about to say. */
  reset(): void;
}

/** Milliseconds after which the agent types, and answers. */
const TYPING_AFTER = 150;
const ANSWER_AFTER = 700;

export const createAgent = (
  sessions: Sessions,
  now: () => number,
  conversationDisconnect: ConversationDisconnect,
): Agent => {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const later = (ms: number, work: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };
  const say = (session: Session, text: string) => {
    if (session.state === 'connected') sessions.add(session, outbound(now(), { type: 'Text', text }));
  };

  return {
    say,
    hear(session, text) {
      later(TYPING_AFTER, () => {
        const frame = messageFrame(outbound(now(), { type: 'Event', events: [typing()] }));
        for (const device of session.devices) device.send(frame);
      });
      later(ANSWER_AFTER, () => say(session, `You said: ${text}`));
    },
    disconnect(session) {
      if (session.state !== 'connected') return;
      session.state = 'disconnected';
      if (conversationDisconnect === 'Off') return;
      const metadata = { readOnly: String(conversationDisconnect === 'ReadOnly') };
      sessions.add(session, outbound(now(), { type: 'Event', events: [presence('Disconnect')], metadata }));
    },
    reset() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
};
