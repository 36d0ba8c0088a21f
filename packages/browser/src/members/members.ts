// Signed-in members on a page: whose Messenger is, codes for it, and nothing of the last member for the next.
import type { OnboardingConfig } from '@genesys-guest/common';
import { conversationGoesOn } from '../conversation.ts';
import { type GuestError, guestError } from '../errors.ts';
import { emit } from '../events.ts';
import { command } from '../messenger.ts';
import { type Authentication, connectAuthentication, provide } from './authentication.ts';
import { type Began, createBegan } from './began.ts';
import { type Cover, createCover } from './cover.ts';
import { type Departure, depart, leaveThisBrowser, logout, oneAtATime } from './departure.ts';
import { issueCode } from './issue.ts';
import type { Members, MembersTools, StartMembers } from './ports.ts';
import { keepProofFresh } from './proof.ts';
import { until, within } from './time-limit.ts';
import { createWhose, type Whose } from './whose.ts';

/** Default of `readyTimeout`, ms. */
const READY_TIMEOUT = 15_000;

/** What is known, and what is done about it. */
interface State extends MembersTools {
  readonly whose: Whose;
  readonly began: Began;
  readonly cover: Cover;
  config?: OnboardingConfig;
  /** The site's session has merely ended, where it was not. */
  wasAsked?: boolean;
  isUsable?: boolean;
  isRefused?: boolean;
  /** A conversation has begun, and it is to be noted who began it. */
  hasBegun?: boolean | undefined;
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
  fail('messenger_cleared');
};

const removeStranger = (state: State, authentication: Authentication): Promise<void> =>
  oneAtATime(`genesys-guest:member:${state.deploymentId}`, async () => {
    if (!isStrange(state)) return;
    const { whose, end, wasAsked, config, options } = state;
    const departure: Departure = {
      authentication,
      whose,
      end,
      clear: () => clear(state),
      keepsConversation: options.onChange === 'keep',
    };
    await (wasAsked || config?.member ? depart : leaveThisBrowser)(departure);
  });

/** Who chats is written down when a conversation begins; one that nobody is proven in becomes the member's, or ends. */
const takeOver = async (state: State, authentication: Authentication): Promise<void> => {
  const { config, whose, began, end, options } = state;
  const { started, mode, provider } = authentication;
  const [tag] = config?.member ?? [];
  if (!started || !tag || !conversationGoesOn()) return;
  if (mode === 'upgrade' && provider === 'ours' && !started.authenticated) {
    if (began.isHere()) {
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
  if (state.hasBegun) await began.note(config);
  else await began.check(config);
  state.hasBegun = false;
  if (!authentication?.mode) return;
  const [tag] = config.member ?? [];
  const { mode, provider } = authentication;
  const wanted = mode !== 'off' && (mode === 'required' || tag || (!whose.read() && whose.hasTokens()));
  if (wanted && !provider && (await provide(authentication)) === 'taken') state.fail('auth_provider_taken');
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

/** Who the visitor is must be known where only members may chat. */
const mayOpen = async (state: State): Promise<void> => {
  const { cover, page, signal } = state;
  const limit = state.options.readyTimeout ?? READY_TIMEOUT;
  await within(limit, cover.lifted(), () => guestError('config_failed'));
  await until(() => signal.aborted || Boolean(page.authentication?.mode), limit);
  if (page.authentication?.mode !== 'required') return;
  await until(() => signal.aborted || Boolean(state.config), limit);
  if (!state.config) throw guestError('config_failed');
  if (!state.config.member) throw guestError('sign_in_required');
};

/** The launcher can be used once it is known for whom it is. */
const advance = async (state: State): Promise<void> => {
  if (!state.isUsable) return;
  try {
    await mayOpen(state);
    state.isRefused = false;
    state.onReady();
  } catch (error) {
    if ((error as GuestError).code === 'sign_in_required' && !state.isRefused) {
      state.isRefused = true;
      emit('sign_in_required');
    }
    state.onFailed(error as GuestError);
  }
};

/** As {@link mayOpen}; the host may sign the member in first. */
const openFor = async (state: State): Promise<void> => {
  const { options, refresh } = state;
  await mayOpen(state).catch(async (error: GuestError) => {
    if (error.code !== 'sign_in_required') throw error;
    emit('sign_in_required');
    if (!options.onSignInRequired) throw error;
    await options.onSignInRequired();
    await refresh();
    await mayOpen(state);
  });
};

const issueFor = (state: State) =>
  issueCode({
    ...state,
    onSignInRequired: state.options.onSignInRequired,
    onIssued: state.whose.write,
    async config() {
      await until(() => Boolean(state.config), READY_TIMEOUT);
      await state.cover.lifted();
      if (!state.config) throw guestError('config_failed');
      return state.config;
    },
  });

const createState = (tools: MembersTools): State => ({
  ...tools,
  whose: createWhose(tools.deploymentId),
  began: createBegan(tools.deploymentId),
  cover: createCover(tools.options.nonce),
});

/** On return from the back/forward cache it is seen what was there: nothing, until it is known who is there now. */
const watchPage = (state: State): void => {
  const { cover, whose, refresh, signal } = state;
  const hide = () => {
    if (!whose.read() && !whose.hasTokens()) return;
    delete state.config;
    cover.put();
  };
  window.addEventListener('pagehide', hide, { signal });
  whose.onWrite(() => refresh().catch(() => {}), signal);
};

const NOTHING = async () => {};

/** Whose mount has proofs alone leaves Messenger to itself. */
const withoutMembers = ({ onReady }: MembersTools, adopt: Members['adopt']): Members => ({
  attached() {},
  adopt,
  launcherReady: onReady,
  opening: NOTHING,
  idle: NOTHING,
  leave: NOTHING,
});

export const startMembers: StartMembers = (tools) => {
  const noteProof = keepProofFresh(tools.signal, tools.refresh);
  if (!tools.hasMembers) return withoutMembers(tools, noteProof);
  const state = createState(tools);
  const { page, whose, began, cover, signal } = state;
  let working = Promise.resolve();
  const work = () => {
    working = working
      .then(() => settle(state))
      .catch(() => {})
      .then(() => void advance(state));
  };
  const heard: NonNullable<Authentication['listener']> = (event) => {
    if (event === 'ended') began.forget();
    else if (event === 'loggedOut') whose.write('');
    else if (event === 'started') state.hasBegun = page.authentication?.started?.newSession;
    work();
  };

  if (whose.read() || whose.hasTokens()) cover.put();
  watchPage(state);
  return {
    attached() {
      page.authentication ??= connectAuthentication();
      Object.assign(page.authentication, { listener: heard, issue: () => issueFor(state) });
      signal.addEventListener('abort', () => {
        if (page.authentication?.listener !== heard) return;
        delete page.authentication.listener;
        delete page.authentication.issue;
      });
      work();
    },
    adopt(config, wasAsked = state.wasAsked) {
      Object.assign(state, { config, wasAsked });
      noteProof(config);
      if (isStrange(state)) cover.put();
      work();
    },
    launcherReady() {
      state.isUsable = true;
      void advance(state);
    },
    opening: () => openFor(state),
    idle: () => working,
    async leave() {
      const { authentication } = page;
      if (!authentication) return;
      if (authentication.mode !== 'off' && (whose.read() || whose.hasTokens()))
        await logout().catch(() => {});
      whose.write('');
      began.forget();
    },
  };
};
