// The clock that tokens, waits and budgets are measured by.

const origin = Date.now() - performance.now();

/**
 * Milliseconds that never jump: the time of day at start plus what has passed since. An operator or NTP who sets the
 * machine's clock changes no token's age and no wait. Not for what other machines or a restart must understand.
 */
export const monotonicNow = (): number => origin + performance.now();
