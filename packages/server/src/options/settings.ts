// What the options come to once they are checked: complete, no defaults left to apply.
import type { IncomingMessage } from 'node:http';
import type { Guest, Region } from '@genesys-guest/common';
import type { AuditSettings } from '../observe/audit.ts';
import type { EventSettings } from '../observe/events/bridge.ts';
import type { Log } from '../observe/log.ts';
import type { StoreFactory } from '../store/store.ts';

export interface Endpoints {
  readonly oauthToken: string;
  readonly guestTokens: string;
  readonly bootstrap: string;
}

export interface UpstreamSettings {
  /** Calls that may leave in any 60 s. */
  readonly perMinute: number;
  /** Calls under way at a time. */
  readonly concurrency: number;
  /** Calls waiting for their turn. */
  readonly maxQueue: number;
  /** Milliseconds of one try. */
  readonly timeout: number;
  /** Milliseconds of all tries together, waits included. */
  readonly deadline: number;
}

/** Why a cached token is gone. */
export type InvalidationReason = 'renewed' | 'attributes_changed' | 'forgotten' | 'evicted';

export interface Invalidation {
  readonly externalId: string;
  readonly webchatId: string;
  readonly reason: InvalidationReason;
}

/** What the tokens' side runs on. */
export interface TokenSettings {
  readonly region: Region;
  readonly webchatId: string;
  readonly source: 'guest-tokens' | 'none';
  readonly clientId: string;
  readonly clientSecret: () => string | Promise<string>;
  readonly endpoints: Endpoints;
  /** Seconds asked for. */
  readonly tokenLifetime: number;
  /** Seconds before expiry from which a token is renewed. */
  readonly renewBefore: number;
  readonly upstream: UpstreamSettings;
  readonly store: StoreFactory;
  /** Empty only with a store that never leaves this process. */
  readonly secrets: readonly string[];
  readonly onInvalidate: ((invalidation: Invalidation) => void) | undefined;
  readonly audit: AuditSettings;
  readonly events: EventSettings | undefined;
  readonly log: Log;
}

export interface CookieSettings {
  readonly name: string;
  /** Seconds from issue. */
  readonly maxAge: number;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly secure: boolean;
  readonly partitioned: boolean;
  readonly domain: string | undefined;
}

/** What the request handler runs on. */
export interface HandlerSettings {
  readonly webchatId: string;
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
  readonly cookie: CookieSettings;
  readonly log: Log;
  /** Says what is wrong with the configuration: to the logger, else on the console. */
  readonly warn: (message: string) => void;
}
