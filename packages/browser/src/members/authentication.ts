// What the page's Messenger says of members: whether the deployment has them, who chats, and its questions for codes.
import type { GenesysConfiguration, GenesysEnvelope, GenesysPlugin } from '../genesys.ts';
import { command, genesys } from '../messenger.ts';
import { until } from './time-limit.ts';

/** Whether the deployment knows signed-in members: not at all, nobody else, or anonymous visitors who may sign in later. */
export type AuthMode = 'off' | 'required' | 'upgrade';

/** What Messenger hands to Genesys Cloud. */
export interface AuthData {
  readonly authCode: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly iss: string;
}

/** What Messenger told of the conversation that goes on. Not every build may say who chats. */
export interface Started {
  readonly authenticated?: boolean;
  readonly newSession?: boolean;
}

/** Shared by all sessions of a page: subscriptions cannot be undone, and a plugin's name can be registered once. */
export interface Authentication {
  mode?: AuthMode;
  started?: Started | undefined;
  provider?: 'ours' | 'taken';
  /** The living session's. */
  listener?: ((event: 'mode' | 'started' | 'ended' | 'loggedOut') => void) | undefined;
  issue?: (() => Promise<AuthData>) | undefined;
}

/** Ms that Messenger may take to call back for a plugin that it takes. */
const REGISTER_LIMIT = 2_000;

const modeOf = (config: GenesysConfiguration['deploymentConfig']): AuthMode => {
  const { enabled, allowSessionUpgrade } = config?.auth ?? {};
  if (!enabled) return 'off';
  return allowSessionUpgrade ? 'upgrade' : 'required';
};

/** Connects to the page's Messenger. `window.Genesys` is there. */
export const connectAuthentication = (): Authentication => {
  const authentication: Authentication = {};
  const heard = (event: string, work: (data: never) => void) =>
    genesys('subscribe', event, ({ data = {} }: GenesysEnvelope) => work(data as never));
  const learn = (mode: AuthMode) => {
    if (authentication.mode) return;
    authentication.mode = mode;
    authentication.listener?.('mode');
  };
  heard('GenesysJS.configurationReceived', ({ deploymentConfig }: GenesysConfiguration) =>
    learn(modeOf(deploymentConfig)),
  );
  // That event is not documented. `Auth.ready` is, comes only with members, and the command returns the same configuration.
  heard('Auth.ready', () => {
    command('GenesysJS.configuration').then(
      (config) => learn(modeOf({ auth: { enabled: true }, ...(config as object) })),
      () => learn('upgrade'),
    );
  });
  for (const last of ['Messenger.ready', 'MessagingService.ready']) {
    heard(last, () => setTimeout(() => learn('off'), REGISTER_LIMIT));
  }
  heard('MessagingService.started', (data: Started) => {
    authentication.started = data;
    authentication.listener?.('started');
  });
  for (const end of ['conversationCleared', 'sessionCleared']) {
    heard(`MessagingService.${end}`, () => {
      authentication.started = undefined;
      authentication.listener?.('ended');
    });
  }
  heard('Auth.loggedOut', () => authentication.listener?.('loggedOut'));
  return authentication;
};

/** Registers the `AuthProvider`, once. @returns whether the name is ours, or another plugin has taken it */
export const provide = async (authentication: Authentication): Promise<'ours' | 'taken'> => {
  if (authentication.provider) return authentication.provider;
  try {
    genesys('registerPlugin', 'AuthProvider', (plugin: GenesysPlugin) => {
      authentication.provider = 'ours';
      register(authentication, plugin);
    });
  } catch {
    // Messenger then never calls back, which is noticed below.
  }
  const isOurs = await until(() => authentication.provider === 'ours', REGISTER_LIMIT);
  authentication.provider = isOurs ? 'ours' : 'taken';
  return authentication.provider;
};

const register = (authentication: Authentication, plugin: GenesysPlugin): void => {
  const issue = async () => {
    if (authentication.issue) return authentication.issue();
    throw { code: 'sign_in_required' };
  };
  const answer = (name: string, done: (data: AuthData) => void, failed: (reason: object) => void) =>
    plugin.registerCommand(name, ({ resolve, reject }) => {
      issue().then(
        (data) => {
          done(data);
          resolve(data);
        },
        ({ code }: { readonly code?: string }) => {
          failed({ code });
          reject({ code });
        },
      );
    });
  const nothing = () => {};
  answer('getAuthCode', nothing, nothing);
  answer('reAuthenticate', nothing, nothing);
  // Genesys' documents ask for these events.
  answer(
    'signIn',
    (data) => plugin.publish('signedIn', data),
    (reason) => plugin.publish('signInFailed', reason),
  );
  plugin.ready();
};
