// The face of the package.
export type { Attributes, Guest, OnboardingConfig, Problem, ProblemCode } from '@genesys-guest/common';
export { createGuestTokens } from './create-guest-tokens.ts';
export { type CspDirectives, type CspOptions, cspDirectives } from './csp.ts';
export { ConfigurationError, type FieldError, GuestTokenError } from './errors.ts';
export { type GenesysGuest, genesysGuest } from './genesys-guest.ts';
export type { GuestTokens } from './guest-tokens.ts';
export type { AuditFunction, AuditSink } from './observe/audit/audit-sink.ts';
export { type JsonLinesAuditOptions, jsonLinesAudit } from './observe/audit/json-lines-audit.ts';
export { type MemoryAuditOptions, memoryAudit } from './observe/audit/memory-audit.ts';
export type { AuditAction, AuditEntry } from './observe/audit.ts';
export type { CloudEvent, EventData } from './observe/events/cloud-event.ts';
export type { SendEvents } from './observe/events/receivers.ts';
export type { Logger } from './observe/log.ts';
export type { GuestTokenEvents } from './observe/observer.ts';
export type { CacheState, DropReason, Percentiles, Telemetry } from './observe/telemetry.ts';
export type { AuditOptions, EventsOptions } from './options/observe-options.ts';
export type {
  CookieOptions,
  GenesysGuestOptions,
  GuestTokensOptions,
  HandlerOptions,
} from './options/options.ts';
export type { Endpoints, Invalidation, InvalidationReason, UpstreamSettings } from './options/settings.ts';
export { type MemoryStoreOptions, memoryStore } from './store/memory-store.ts';
export type { RedisClient, RedisSubscriber } from './store/redis/redis-client.ts';
export { type RedisStoreOptions, redisStore } from './store/redis/redis-store.ts';
export type { Shared, SharedAccessToken, SharedAddresses } from './store/shared.ts';
export type { Store, StoreFactory } from './store/store.ts';
export type { Health } from './tokens/core.ts';
