// A site's tokens on an emulator, over real sockets, with short limits and everything that the operator would see.
import { type Emulator, startEmulator } from '@genesys-guest/emulator';
import { createGuestTokens, GuestTokenError, type GuestTokens } from '@genesys-guest/server';

export const WEBCHAT = 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11';

type Options = NonNullable<Parameters<typeof createGuestTokens>[0]>;

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Site {
  readonly tokens: GuestTokens;
  readonly log: readonly LogLine[];
  /** Calls `listener` for each line from now on. */
  onLine(listener: (line: LogLine) => void): void;
}

/** Milliseconds: short enough to wait for, long enough for two shared cores. */
export const LIMITS = { timeout: 500, deadline: 2_500 } as const;

export const createSite = (endpoints: Emulator['endpoints'], options: Partial<Options> = {}): Site => {
  const log: LogLine[] = [];
  const listeners: ((line: LogLine) => void)[] = [];
  const write =
    (level: LogLine['level']) =>
    (message: string, fields: LogLine['fields'] = {}): void => {
      const line = { level, message, fields };
      log.push(line);
      for (const listener of listeners) listener(line);
    };
  const tokens = createGuestTokens({
    region: 'eu-west-1',
    clientId: 'emulator-client',
    clientSecret: 'emulator-secret',
    webchatId: WEBCHAT,
    endpoints,
    upstream: LIMITS,
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    logLevel: 'debug',
    ...options,
  });
  return { tokens, log, onLine: (listener) => void listeners.push(listener) };
};

/** What a call comes to: its error, or `undefined`. */
export const failureOf = async (work: Promise<unknown>): Promise<GuestTokenError | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof GuestTokenError) return error;
    throw error;
  }
};

/** An emulator and tokens on it; both end with the scope. */
export const startSite = async (
  options: Partial<Options> = {},
  emulatorOptions: Parameters<typeof startEmulator>[0] = {},
) => {
  const emulator = await startEmulator(emulatorOptions);
  const site = createSite(emulator.endpoints, options);
  return {
    ...site,
    emulator,
    [Symbol.asyncDispose]: async () => {
      await site.tokens.close();
      await emulator.close();
    },
  };
};
