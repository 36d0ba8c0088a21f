// Fills the memory store with 100,000 guests, then sends 900,000 more through it, and tells the heap.
import { createGuestTokens, memoryStore } from '@genesys-guest/server';

const KEPT = 100_000;
const COMERS = 1_000_000;
const CONCURRENCY = 64;

const tokens = createGuestTokens({
  region: 'eu-west-1',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  webchatId: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
  endpoints: JSON.parse(process.argv[2]),
  store: memoryStore({ max: KEPT }),
  upstream: { perMinute: 1_000_000, concurrency: CONCURRENCY },
});

const heap = () => {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};

let next = 0;
const fill = (until) => {
  const worker = async () => {
    while (next < until) {
      next += 1;
      await tokens.onboard({ externalId: `guest-${next.toString(36).padStart(22, '0')}` });
    }
  };
  return Promise.all(Array.from({ length: CONCURRENCY }, worker));
};

// The code that runs once and the audit's ring are there before the first measurement.
await fill(2_000);
const before = heap();
await fill(KEPT);
const full = heap();
await fill(COMERS);
process.send({ perGuest: (full - before) / (KEPT - 2_000), full, later: heap() });
