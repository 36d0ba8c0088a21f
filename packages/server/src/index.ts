// The face of the package.
export type { Attributes, Guest, OnboardingConfig, Problem, ProblemCode } from '@genesys-guest/common';
export { createGuestTokens } from './create-guest-tokens.ts';
export { type CspDirectives, type CspOptions, cspDirectives } from './csp.ts';
export { type GenesysGuest, genesysGuest } from './genesys-guest.ts';
export type { CookieOptions } from './handler/ports.ts';
export { ConfigurationError, type FieldError, GuestTokenError } from './lib/errors.ts';
export { redisStore } from './moved.ts';
export type { AuditAction, AuditEntry, AuditSink } from './observe/audit-entry.ts';
export type { CloudEvent, EventData } from './observe/cloud-event.ts';
export type { DropReason } from './observe/event-queue.ts';
export type { AnswerOutcome } from './observe/instruments.ts';
export type { Logger } from './observe/log.ts';
export type { GuestTokenEvents } from './observe/observer.ts';
export type { SendEvents } from './observe/receivers.ts';
export type { CacheState, Percentiles, Telemetry } from './observe/telemetry.ts';
export type { AuditOptions, EventsOptions } from './options/observe-options.ts';
export type { GenesysGuestOptions, GuestTokensOptions, HandlerOptions } from './options/options.ts';
export type {
  Endpoints,
  Invalidation,
  InvalidationReason,
  UpstreamLimits,
} from './options/resolved-options.ts';
export { type MemoryStoreFactory, type MemoryStoreOptions, memoryStore } from './store/memory-store.ts';
export type { GuestTokens } from './tokens/guest-tokens.ts';
export type { Health } from './tokens/ports.ts';
