// The face of the emulator.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulator, serve } from './emulator.ts';
import type { EmulatorOptions } from './settings.ts';

export type { Emulator } from './emulator.ts';
export type { Fault, FaultName } from './faults.ts';
export type { ConversationEvent, StructuredMessage } from './guest-socket/frames.ts';
export type { AgentView, ConversationState } from './guest-socket/sessions.ts';
export type { Refusal } from './members/refusals.ts';
export type {
  AuthMode,
  ConversationDisconnect,
  EmulatorOptions,
  LauncherVisibility,
  OidcIntegration,
} from './settings.ts';
export type { Call, EarlyCall, EmulatorStats, Pause } from './stats.ts';
export type { Unknown } from './unknown.ts';

/** The folder of this file, of either module kind: the CommonJS build knows no `import.meta`. */
const here = typeof __dirname === 'string' ? __dirname : fileURLToPath(new URL('.', import.meta.url));

/** The build's, from the source and from the package alike: both lie one folder below the package's root. */
const MESSENGER = join(here, '../dist/messenger.js');

/**
 * Starts a Genesys Cloud on loopback.
 *
 * @throws RangeError on an option out of range, and what `listen` throws: `EADDRINUSE` where the port is taken
 */
export const startEmulator = async (options: EmulatorOptions = {}): Promise<Emulator> =>
  serve(options, await readFile(MESSENGER, 'utf8'));
