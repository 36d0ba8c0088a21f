// What this room is given: the resolved options of one mount.
import type { IncomingMessage } from 'node:http';
import type { Guest } from '@genesys-guest/common';
import type { Log } from '../observe/log.ts';

export interface ResolvedCookieOptions {
  readonly name: string;
  /** Seconds from issue. */
  readonly maxAge: number;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly secure: boolean;
  readonly partitioned: boolean;
  readonly domain: string | undefined;
}

export interface ResolvedHandlerOptions {
  readonly webchatId: string;
  /** The first signs, all read. */
  readonly secrets: readonly string[];
  readonly identify: ((req: IncomingMessage) => Guest | undefined | Promise<Guest | undefined>) | undefined;
  readonly whenUnavailable: 'anonymous' | 'fail';
  /** Milliseconds. */
  readonly patience: number;
  readonly mintsPerMinute: number;
  readonly clientAddress: ((req: IncomingMessage) => string | undefined) | undefined;
  readonly admit: ((req: IncomingMessage) => boolean | Promise<boolean>) | undefined;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly publicOrigin: string | undefined;
  readonly cookie: ResolvedCookieOptions;
  readonly log: Log;
  /** Says what is wrong with the configuration: to the logger, else on the console. */
  readonly warn: (message: string) => void;
}
