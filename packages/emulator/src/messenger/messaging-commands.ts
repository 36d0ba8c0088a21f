// The commands of `MessagingService`.
import type { CommandEvent } from './bus.ts';
import { pageOf } from './conversation.ts';
import type { Core } from './core.ts';
import type { Database } from './database.ts';

export interface MessagingActions {
  clearConversation(): void;
  resetConversation(): void;
  stepUpConversation(): void;
}

const ALREADY = 'There is already an active conversation';
const ENDED = 'Conversation session has ended, start a new session to send a message.';

export const registerMessagingCommands = (core: Core, database: Database): MessagingActions => {
  const { plugin, session, conversation, config, auth } = core;
  const command = (name: string, work: (event: CommandEvent) => Promise<unknown>) =>
    plugin.registerCommand(name, (event) => void work(event).then(event.resolve, event.reject));

  const clear = async () => {
    if (config.messenger.apps?.conversations?.conversationClear?.enabled === false) {
      throw 'Please check your conversation clear option is enabled in your configuration.';
    }
    if (!session.active) throw 'There is no active conversation found to clear.';
    await core.ensure();
    session.tell('onMessage', presence('Clear'));
  };
  const reset = async () => {
    if (!conversation.readOnly) {
      throw 'Conversation reset is not allowed. Check your configuration if Read only conversation disconnect is enabled.';
    }
    await session.ask('closeSession', { closeAllConnections: true });
    const started = await session.start(true);
    conversation.clear();
    if (config.emulator?.databaseEmptied !== false) database.empty();
    core.begun(started);
    const { authenticated, newSession, readOnly } = started;
    plugin.publish('conversationReset', { authenticated, newSession, readOnly });
    return { authenticated, newSession, readOnly };
  };
  const stepUp = async () => {
    if (!auth.enabled || !auth.upgradable) throw 'Session upgrade is not enabled in your configuration.';
    if (!session.live) throw 'No active conversation found to step-up.';
    if (session.authenticated) throw 'The conversation is authenticated already.';
    try {
      const signedIn = await auth.signIn();
      await session.stepUp(signedIn.jwt);
      conversation.notice();
      return signedIn;
    } catch (error) {
      plugin.publish('stepUpConversationError', error);
      throw error;
    }
  };

  command('startConversation', async () => {
    if (session.active) throw ALREADY;
    await core.ensure().catch((reason: unknown) => {
      core.report(reason);
      throw 'Cannot start conversation';
    });
  });
  command('sendMessage', async ({ data }) => {
    const text = String(data['message'] ?? '');
    if (text !== '' && text.trim() === '') throw 'Message only contains whitespaces';
    if (conversation.readOnly) throw ENDED;
    if (text !== '') void core.send(text.trim()).catch(core.report);
  });
  command('clearConversation', clear);
  command('resetConversation', reset);
  command('stepUpConversation', stepUp);
  command('clearSession', async () => {
    session.leave();
    conversation.clear();
    plugin.publish('sessionCleared');
  });
  registerHistory(core, command);

  return {
    clearConversation: () => void clear().catch(core.report),
    resetConversation: () => void reset().catch(core.report),
    stepUpConversation: () => void stepUp().catch(core.report),
  };
};

const registerHistory = (
  { plugin, session, conversation, report }: Core,
  command: (name: string, work: () => Promise<unknown>) => void,
) => {
  let shown = 1;
  command('fetchHistory', async () => {
    if (!session.live) throw 'Not able to fetch history';
    try {
      const page = await session.history(shown + 1);
      if (page.entities.length === 0) return plugin.publish('historyComplete');
      shown += 1;
      const old = conversation.restore(page.entities);
      return plugin.publish('oldMessages', pageOf(old, page.pageNumber));
    } catch (error) {
      report(error);
      throw error;
    }
  });
};

const presence = (type: string): { readonly message: unknown } => ({
  message: { type: 'Event', events: [{ eventType: 'Presence', presence: { type } }] },
});
