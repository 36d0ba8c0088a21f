// The face of the package: `boot`, the facade launcher, and the types.
import { bootSession } from './boot.ts';
import type { LoadPart } from './load-part.ts';
import type { BootOptions, GuestSession } from './types.ts';

export type {
  Attributes,
  MessengerSettings,
  OnboardingConfig,
  Problem,
  ProblemCode,
} from '@genesys-guest/common';
export type { Headers } from './api.ts';
export type { GuestError, GuestErrorCode } from './errors.ts';
export { facade } from './facade/facade.ts';
export type {
  Genesys,
  GenesysCommand,
  GenesysCommands,
  GenesysConfiguration,
  GenesysDatabase,
  GenesysEnvelope,
  GenesysEvents,
  GenesysPlugin,
} from './genesys.ts';
export type {
  BootOptions,
  GuestEvents,
  GuestScript,
  GuestSession,
  Labels,
  Launcher,
  LauncherTools,
} from './types.ts';

/** What is imported when it is needed: a bundler leaves it out of the page's first script. */
const PARTS = {
  guest: async () => (await import('./guest/keeper.ts')).startKeeper,
  facade: async () => (await import('./facade/facade.ts')).facade,
  members: async () => (await import('./members/members.ts')).startMembers,
};

/**
 * Boots Messenger and the guest, and resolves once the launcher can be used. While a session lives, a second call returns
 * it, whatever its options; its signal, too, ends the session.
 *
 * Rejects with a `GuestError` where there is no chat to be had, and with the signal's reason where it was aborted. After
 * `messenger_timeout` and `config_failed` the session lives on and may still become `ready`; where the facade's own script did not
 * come there is none, and `boot` may be called again.
 */
export const boot = async (options?: BootOptions): Promise<GuestSession> =>
  bootSession({ ...options, load: ((name) => PARTS[name]()) as LoadPart });
