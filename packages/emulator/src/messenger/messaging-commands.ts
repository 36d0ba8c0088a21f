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
  const { plugin, session, conversation } = core;
  const command: Command = (name, work) =>
    plugin.registerCommand(name, (event) => void work(event).then(event.resolve, event.reject));
  const actions = {
    clearConversation: () => clear(core),
    resetConversation: () => reset(core, database),
    stepUpConversation: () => stepUp(core),
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
  command('clearSession', async () => {
    session.leave();
    conversation.clear();
    plugin.publish('sessionCleared');
  });
  registerHistory(core, command);
  for (const [name, work] of Object.entries(actions)) command(name, work);

  const quietly = (work: () => Promise<unknown>) => () => void work().catch(core.report);
  return {
    clearConversation: quietly(actions.clearConversation),
    resetConversation: quietly(actions.resetConversation),
    stepUpConversation: quietly(actions.stepUpConversation),
  };
};

type Command = (name: string, work: (event: CommandEvent) => Promise<unknown>) => void;

const clear = async ({ session, config, ensure }: Core): Promise<void> => {
  if (config.messenger.apps?.conversations?.conversationClear?.enabled === false) {
    throw 'Please check your conversation clear option is enabled in your configuration.';
  }
  if (!session.active) throw 'There is no active conversation found to clear.';
  await ensure();
  session.tell('onMessage', presence('Clear'));
};

const reset = async (core: Core, database: Database) => {
  const { plugin, session, conversation, config } = core;
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

const stepUp = async ({ plugin, session, conversation, auth }: Core) => {
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

const registerHistory = ({ plugin, session, conversation, report }: Core, command: Command) => {
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
