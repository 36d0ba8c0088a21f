// Signed-in members on a page: whose Messenger is, codes for it, and nothing of the last member for the next.
import type { OnboardingConfig } from '@genesys-guest/common';
import { conversationGoesOn } from '../conversation.ts';
import { type GuestError, type GuestErrorCode, guestError } from '../errors.ts';
import { emit } from '../events.ts';
import { command } from '../messenger.ts';
import type { GuestSession } from '../types.ts';
import { type Authentication, connectAuthentication, provide } from './authentication.ts';
import { type Began, createBegan } from './began.ts';
import { type Cover, createCover } from './cover.ts';
import { type Departure, depart, leaveThisBrowser, logout, oneAtATime } from './departure.ts';
import { issueCode } from './issue.ts';
import type { MembersTools, StartMembers } from './ports.ts';
import { keepProofFresh } from './proof.ts';
import { until } from './time-limit.ts';
import { createWhose, type Whose } from './whose.ts';

/** Ms that Messenger waits for an answer of our server, before it loads under cover. */
const CONFIG_LIMIT = 5_000;
/** Ms that Messenger's question for a code waits for one. */
const CODE_LIMIT = 15_000;

/** What is known, and what is done about it. */
interface State extends MembersTools {
  readonly whose: Whose;
  readonly began: Began;
  readonly cover: Cover;
  config?: OnboardingConfig;
  /** The site's session has merely ended: nobody has signed out. */
  isOver?: boolean;
  launcher?: { go(): void; refuse(problem?: GuestErrorCode): void };
  isRefused?: boolean;
}

/** Does Messenger keep somebody else's conversation or tokens? Tokens that nobody wrote a tag for are somebody else's. */
const isStrange = ({ whose, config, page }: State): boolean => {
  const { provider, started } = page.authentication ?? {};
  const tag = whose.read();
  if (tag) return !config?.member?.includes(tag);
  return provider !== 'taken' && (whose.hasTokens() || started?.authenticated === true);
};

const clear = async ({ page, fail }: State): Promise<void> => {
  page.cleared = true;
  await command('Messenger.clear');
  fail(guestError('messenger_cleared'));
};

const removeStranger = (state: State, authentication: Authentication): Promise<void> =>
  oneAtATime(`genesys-guest:member:${state.settings.deploymentId}`, async () => {
    if (!isStrange(state)) return;
    const { whose, end, isOver, config, options } = state;
    const departure: Departure = {
      authentication,
      whose,
      end,
      clear: () => clear(state),
      keepsConversation: options.onChange === 'keep',
    };
    await (isOver && !config?.member ? leaveThisBrowser : depart)(departure);
  });

/** Who chats is written down when a conversation begins; one that nobody is proven in becomes the member's, or ends. */
const takeOver = async (state: State, authentication: Authentication): Promise<void> => {
  const { config, whose, began, end, options } = state;
  const { started, mode, provider } = authentication;
  const [tag] = config?.member ?? [];
  if (!started || !tag || !conversationGoesOn()) return;
  if (mode === 'upgrade' && provider === 'ours' && !started.authenticated) {
    if (began.isHere()) {
      // Before the other tabs look: for them, too, it is this member's from now on.
      whose.write(tag);
      await command('MessagingService.stepUpConversation').then(
        () => Object.assign(authentication, { started: { authenticated: true } }),
        () => {},
      );
    } else if (started.authenticated === false && !whose.read() && options.onChange !== 'keep') return end();
  }
  whose.write(tag);
};

/** Looks at everything that is known, and brings Messenger in line with it. */
const settle = async (state: State): Promise<void> => {
  const { config, page, cover, whose, began, signal } = state;
  const { authentication } = page;
  if (signal.aborted || !config) return;
  const { started } = authentication ?? {};
  if (started?.newSession) {
    Object.assign(started, { newSession: false });
    await began.note(config);
  } else await began.check(config);
  if (!authentication?.mode) return;
  const [tag] = config.member ?? [];
  const { mode, provider } = authentication;
  const wanted = mode !== 'off' && (mode === 'required' || tag || (!whose.read() && whose.hasTokens()));
  if (wanted && !provider && (await provide(authentication)) === 'taken')
    state.fail(guestError('auth_provider_taken', 0, 'remove the other AuthProvider from this page'));
  if (isStrange(state)) {
    cover.put();
    // What could not be removed stays covered.
    await removeStranger(state, authentication);
  }
  // The newest tag in place of an older one of the same member.
  if (tag && config.member?.includes(whose.read() ?? '')) whose.write(tag);
  cover.lift();
  await takeOver(state, authentication);
};

/** The launcher can be used once it is known for whom it is; and by members alone, where the deployment wants it so. */
const decide = (state: State): void => {
  const { config, cover, launcher, page } = state;
  const mode = page.authentication?.mode;
  if (!launcher || !mode || cover.isOn() || (mode === 'required' && !config)) return;
  const isRefused = mode === 'required' && !config?.member;
  if (isRefused && !state.isRefused) emit('sign_in_required');
  state.isRefused = isRefused;
  launcher.refuse(isRefused ? 'sign_in_required' : undefined);
  if (!isRefused) launcher.go();
};

const issueFor = (state: State, session: GuestSession) =>
  issueCode({
    api: state.api,
    refresh: () => session.refresh(),
    onSignInRequired: state.options.onSignInRequired,
    onIssued: state.whose.write,
    async config() {
      await until(() => Boolean(state.config), CODE_LIMIT);
      await state.cover.lifted();
      if (!state.config) throw guestError('config_failed');
      return state.config;
    },
  });

const createState = (tools: MembersTools): State => ({
  ...tools,
  whose: createWhose(tools.settings.deploymentId),
  began: createBegan(tools.settings.deploymentId, tools.signal),
  cover: createCover(tools.options.nonce),
});

/** On return from the back/forward cache it is seen what was there: nothing, until it is known who is there now. */
const watchPage = (state: State, session: GuestSession): void => {
  const { cover, whose, signal } = state;
  const hide = () => {
    if (!whose.read() && !whose.hasTokens()) return;
    delete state.config;
    state.isOver = false;
    cover.put();
  };
  window.addEventListener('pagehide', hide, { signal });
  whose.onWrite(() => session.refresh().catch(() => {}), signal);
};

/** The session's methods mind who the visitor is. */
const extend = (state: State, session: GuestSession, idle: () => Promise<void>): void => {
  const { page, options, whose, began } = state;
  const { open, refresh, forget } = session;
  const extended: Partial<GuestSession> = {
    async refresh() {
      state.isOver = false;
      const config = await refresh();
      await idle();
      return config;
    },
    open: () =>
      open().catch(async (error: GuestError) => {
        if (error.code !== 'sign_in_required' || !options.onSignInRequired) throw error;
        await options.onSignInRequired();
        await session.refresh();
        await open();
      }),
    async forget() {
      const { authentication } = page;
      if (authentication) {
        delete authentication.issue;
        const isIn = authentication.mode !== 'off' && (whose.read() || whose.hasTokens());
        if (isIn) await logout().catch(() => {});
        whose.write('');
        began.forget();
      }
      await forget();
    },
  };
  Object.assign(session, extended);
};

/** Connects to the page's Messenger, and hears of it until the session ends. */
const attach = (
  { page, signal, ...state }: State,
  issue: Authentication['issue'],
  work: () => void,
): void => {
  page.authentication ??= connectAuthentication();
  const { authentication } = page;
  const listener: Authentication['listener'] = (event) => {
    if (event === 'ended') state.began.forget();
    else if (event === 'loggedOut') state.whose.write('');
    work();
  };
  Object.assign(authentication, { listener, issue });
  signal.addEventListener('abort', () => {
    if (authentication.listener !== listener) return;
    delete authentication.listener;
    delete authentication.issue;
  });
  work();
};

export const startMembers: StartMembers = async (tools) => {
  const { page, signal, settings } = tools;
  const session = page.session as GuestSession;
  const noteProof = keepProofFresh(signal, () => session.refresh());
  // A mount that has proofs alone leaves Messenger to itself.
  if (!settings.members) return { adopt: noteProof };

  const state = createState(tools);
  const { whose, cover } = state;
  let working = Promise.resolve();
  const work = () => {
    working = working
      .then(() => settle(state))
      .catch(() => {})
      .then(() => decide(state));
  };
  extend(state, session, () => working);
  watchPage(state, session);
  if (whose.read() || whose.hasTokens()) {
    cover.put();
    // Messenger would show at once what it keeps: first it is asked whose page this is.
    await until(() => Boolean(session.config) || signal.aborted, CONFIG_LIMIT);
  }
  const attached = () => attach(state, () => issueFor(state, session), work);
  if (page.messenger) attached();
  return {
    attached,
    adopt(config, sudden) {
      state.config = config;
      state.isOver ||= Boolean(sudden);
      noteProof(config);
      if (isStrange(state)) cover.put();
      work();
    },
    gate(go, refuse) {
      Object.assign(state, { launcher: { go, refuse }, isRefused: false });
      decide(state);
    },
    // Told by the answer as well, with what it takes to know whose Messenger is.
    left() {},
  };
};
