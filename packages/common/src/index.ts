// The face of what the server and the page agree on.
export { isAnonymousId } from './anonymous-id.ts';
export type {
  Attributes,
  CheckedGuest,
  Claims,
  Guest,
  MessengerSettings,
  OnboardingConfig,
} from './config.ts';
export { CUSTOM_ATTRIBUTES_BYTES, LIMITS } from './limits.ts';
export { nearest } from './nearest.ts';
export { hostAndPort, isRedisUrl, type NetworkError, networkError } from './network-errors.ts';
export { PROBLEMS, type Problem, type ProblemCode } from './problems.ts';
export { REGIONS, type Region, regionHosts, resolveRegion, suggestRegions } from './regions.ts';
export { parseRetryAfter } from './retry-after.ts';
export {
  backoff,
  clampDelay,
  type Freshness,
  freshness,
  type Lifetime,
  MAX_DELAY,
  renewalWindow,
  secondsLeft,
  secondsUntilRenewal,
} from './timing.ts';
