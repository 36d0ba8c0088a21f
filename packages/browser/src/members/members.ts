// Signed-in members on a page: gets codes for Messenger, and removes what the last member left before the next sees it.
import { conversationGoesOn } from '../conversation.ts';
import { guestError } from '../errors.ts';
import { emit } from '../events.ts';
import { command } from '../messenger.ts';
import type { GuestSession } from '../types.ts';
import { type Authentication, connectAuthentication, provide } from './authentication.ts';
import { type Departure, depart, leaveThisBrowser, oneAtATime } from './departure.ts';
import { extendSession, watchPage } from './extend-session.ts';
import { issueCode } from './issue.ts';
import type { StartMembers } from './ports.ts';
import { keepProofFresh } from './proof.ts';
import { createState, isStrange, type State } from './state.ts';
import { until } from './time-limit.ts';

/** Ms that Messenger waits for an answer of our server, before it loads under cover. */
const CONFIG_LIMIT = 5_000;
/** Ms that Messenger's question for a code waits for one. */
const CODE_LIMIT = 15_000;

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

/** Notes whose conversation it is. An anonymous one becomes the member's if the member began it, and else ends. */
const takeOver = async (state: State, authentication: Authentication): Promise<void> => {
  const { config, whose, began, end, options } = state;
  const { started, mode, provider } = authentication;
  const [tag] = config?.member ?? [];
  if (!started || !tag || !conversationGoesOn()) return;
  if (mode === 'upgrade' && provider === 'ours' && !started.authenticated) {
    if (began.isHere()) {
      // First, so that other tabs do not take the member's new tokens for somebody else's.
      whose.write(tag);
      await command('MessagingService.stepUpConversation').then(
        () => Object.assign(authentication, { started: { authenticated: true } }),
        () => {},
      );
    } else if (started.authenticated === false && !whose.read() && options.onChange !== 'keep') return end();
  }
  whose.write(tag);
};

/** Compares what is known of the visitor with what Messenger keeps, and corrects Messenger. */
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
    // If this rejects, Messenger stays covered.
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
  // Without such a refusal, before or now, another problem of the launcher is left as it is.
  if (isRefused || state.isRefused) launcher.refuse(isRefused ? 'sign_in_required' : undefined);
  state.isRefused = isRefused;
  if (!isRefused) launcher.go();
};

const issueFor = (state: State, refresh: GuestSession['refresh']) =>
  issueCode({
    api: state.api,
    refresh,
    onSignInRequired: state.options.onSignInRequired,
    onIssued: state.whose.write,
    async config() {
      await until(() => Boolean(state.config), CODE_LIMIT);
      await state.cover.lifted();
      if (!state.config) throw guestError('config_failed');
      return state.config;
    },
  });

/** Connects to the page's Messenger, and listens to it until the session ends. */
const attach = (
  { page, signal, ...state }: State,
  issue: Authentication['issue'],
  work: () => void,
): void => {
  page.authentication ??= connectAuthentication();
  const { authentication } = page;
  const listener: Authentication['listener'] = (event) => {
    if (event === 'ended') state.began.forget();
    if (event === 'loggedOut' || (event === 'ended' && authentication.mode === 'off')) state.whose.write('');
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
  const { refresh } = session;
  // With proofs alone, Messenger knows no members.
  if (!settings.members) return { adopt: keepProofFresh(signal, refresh) };

  const state = createState(tools);
  const noteProof = keepProofFresh(signal, () => {
    // A member who is gone at this moment has not signed out on this page: the site's session is over.
    state.isOver = true;
    return refresh();
  });
  const { whose, cover } = state;
  let working = Promise.resolve();
  const work = () => {
    working = working
      .then(() => settle(state))
      .catch(() => {})
      .then(() => decide(state));
  };
  extendSession(state, session, () => working);
  watchPage(state, session);
  if (whose.read() || whose.hasTokens()) {
    cover.put();
    // Messenger would show at once what it keeps: first it is asked whose page this is.
    await until(() => Boolean(session.config) || signal.aborted, CONFIG_LIMIT);
  }
  const attached = () => attach(state, () => issueFor(state, refresh), work);
  if (page.messenger) attached();
  return {
    attached,
    adopt(config, sudden) {
      state.config = config;
      noteProof(config);
      const isChanged = isStrange(state);
      state.isOver = isChanged && (sudden || state.isOver);
      if (isChanged) cover.put();
      work();
    },
    gate(go, refuse) {
      Object.assign(state, { launcher: { go, refuse }, isRefused: false });
      decide(state);
    },
    // Nothing to do: `adopt` hears of it with the same answer, and knows more.
    left() {},
  };
};
