// What this room is given: the resolved options of one mount.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { MembersOptions, ProofOptions } from '../members/ports.ts';
import type { Log } from '../observe/log.ts';
import type { IssueTrace } from '../observe/observer.ts';

/** A request as the routes see it, from whatever host. */
export interface HttpRequest {
  readonly method: string;
  /** By lower-case name. */
  readonly headers: IncomingHttpHeaders;
  /** The host's own request, for the site's own functions. */
  readonly host: unknown;
  /** The caller's address, where the host has said it. */
  readonly address?: string | undefined;
}

/** A request on its way through the routes. */
export interface RouteRequest extends HttpRequest {
  /** What the URL asks for. */
  query(): URLSearchParams;
  /** What was posted: parsed already by the host, or its text. @param max bytes @throws GuestTokenError `request_invalid` */
  readBody(max?: number): Promise<unknown>;
  /** Aborted when the caller hangs up. Made at the first call. */
  signal(): AbortSignal;
  readonly trace: IssueTrace;
}

export interface ResolvedCookieOptions {
  readonly name: string;
  /** Seconds from issue. */
  readonly maxAge: number;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly secure: boolean;
  readonly partitioned: boolean;
  readonly domain: string | undefined;
}

export interface HealthOptions {
  /** Below the mount. */
  readonly path: string;
  readonly secrets: readonly string[];
}

export interface ResolvedHandlerOptions {
  readonly webchatId: string;
  /** The first signs, all read. */
  readonly secrets: readonly string[];
  /** Whatever it returns is checked. */
  readonly identify: ((req: IncomingMessage) => unknown) | undefined;
  readonly whenUnavailable: 'anonymous' | 'fail';
  /** Milliseconds. */
  readonly patience: number;
  readonly mintsPerMinute: number;
  /** Calls in a minute that all newcomers together may cause: what a proxy that nobody configured may cause, too. */
  readonly newcomersPerMinute: number;
  readonly clientAddress: ((req: IncomingMessage) => string | undefined) | undefined;
  readonly admit: ((req: IncomingMessage) => boolean | Promise<boolean>) | undefined;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly publicOrigin: string | undefined;
  readonly cookie: ResolvedCookieOptions;
  readonly members: MembersOptions | undefined;
  readonly proof: ProofOptions | undefined;
  readonly health: HealthOptions | undefined;
  readonly log: Log;
  /** Says what is wrong with the configuration: to the logger, else on the console. */
  readonly warn: (message: string) => void;
}
