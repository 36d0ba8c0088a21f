// The face of the package: `boot`, the facade launcher, and the types.
export type { Attributes, MessengerSettings, OnboardingConfig } from '@genesys-guest/common';
export { boot } from './boot.ts';
export type { Headers } from './config.ts';
export type { GuestError, GuestErrorCode } from './errors.ts';
export { facade } from './facade/facade.ts';
export type {
  Genesys,
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
  GuestSession,
  Labels,
  Launcher,
  LauncherTools,
} from './types.ts';
