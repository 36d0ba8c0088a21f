// Members in the Messenger for tests: its tokens, the codes that it asks the page for, and who chats.

type Callback = (value: unknown) => void;

export interface FakeAuthOptions {
  readonly auth?: 'off' | 'required' | 'upgrade';
  /** Names of plugins that the page has registered itself. */
  readonly taken?: readonly string[];
  /** What `Auth.logout` does where a member is signed in. */
  readonly logout?: 'works' | 'fails' | 'hangs';
  /** Whether Messenger tells who chats. Default: it does. */
  readonly tellsWho?: boolean;
}

/** As Messenger keeps it. */
export const JWT = '_deployment-1:gcatkn';

interface Bus {
  readonly commands: Map<string, (call: { data: never; resolve: Callback; reject: Callback }) => void>;
  register(name: string, possible: () => boolean, work: () => void): void;
  publish(event: string, data?: unknown): void;
  republish(event: string, data?: unknown): void;
  command(name: string, data: unknown, resolve: Callback, reject: Callback): void;
}

export const runAuth = (options: FakeAuthOptions, bus: Bus) => {
  const { auth = 'off', logout = 'works', tellsWho = true } = options;
  const config = { enabled: auth !== 'off', allowSessionUpgrade: auth === 'upgrade' };
  const started = (authenticated: boolean) =>
    bus.republish('MessagingService.started', { newSession: true, ...(tellsWho && { authenticated }) });
  /** Asks the page for a code, and has tokens for it; `undefined` where it gave none. */
  const signIn = (name: string) =>
    new Promise<{ authCode: string }>((resolve, reject) => {
      bus.command(`AuthProvider.${name}`, {}, resolve as Callback, reject);
    }).then((data) => localStorage.setItem(JWT, data.authCode));

  bus.commands.set('Auth.logout', ({ resolve, reject }) => {
    if (logout === 'hangs') return;
    if (!localStorage.getItem(JWT) || logout === 'fails') return reject('no');
    localStorage.removeItem(JWT);
    bus.publish('Auth.loggedOut');
    bus.publish('MessagingService.sessionCleared');
    return resolve({});
  });
  bus.commands.set('MessagingService.stepUpConversation', ({ resolve, reject }) => {
    signIn('signIn').then(resolve, reject);
  });

  return {
    config,
    wipe: () => localStorage.removeItem(JWT),
    /** A conversation begins. */
    opened() {
      if (!config.enabled) return;
      if (localStorage.getItem(JWT)) return started(true);
      signIn('getAuthCode').then(
        () => started(true),
        () => auth === 'upgrade' && started(false),
      );
    },
  };
};
