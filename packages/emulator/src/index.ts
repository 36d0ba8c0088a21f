// The face of the emulator.
import { readFile } from 'node:fs/promises';
import { type Emulator, serve } from './emulator.ts';
import type { EmulatorOptions } from './settings.ts';

export type { Emulator } from './emulator.ts';
export type { Fault, FaultName } from './faults.ts';
export type { EmulatorOptions, LauncherVisibility } from './settings.ts';
export type { Call, EarlyCall, EmulatorStats, Pause } from './stats.ts';

/** The build's, from the source and from the package alike: both lie one folder below the package's root. */
const MESSENGER = new URL('../dist/messenger.js', import.meta.url);

/**
 * Starts a Genesys Cloud on loopback.
 *
 * @throws RangeError on an option out of range, and what `listen` throws: `EADDRINUSE` where the port is taken
 */
export const startEmulator = async (options: EmulatorOptions = {}): Promise<Emulator> =>
  serve(options, await readFile(MESSENGER, 'utf8'));
