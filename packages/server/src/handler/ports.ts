// What this room is given: the resolved options of one mount.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { MembersOptions, ProofOptions } from '../members/ports.ts';
import type { Log } from '../observe/log.ts';
import type { IssueTrace } from '../observe/spans.ts';

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

/** The attributes of the visitor cookie, which is always `HttpOnly` and for the whole host. */
export interface CookieOptions {
  /** Its name. Default `__Host-genesys-guest-<hash of webchatId>`; in development without the prefix. */
  readonly name?: string | undefined;
  /** Seconds from issue, enforced by the server. Default 2,592,000 (30 days), at most 400 days. */
  readonly maxAge?: number | undefined;
  /** Whether pages of other sites send it. Default `Lax`. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | undefined;
  /** Over https alone. Default true; in development only where the other settings ask for it. */
  readonly secure?: boolean | undefined;
  /** A cookie jar for each embedding site (CHIPS). Default false. */
  readonly partitioned?: boolean | undefined;
  /** Shares the cookie with subdomains; needs a `name` without `__Host-`. Default: this host alone. */
  readonly domain?: string | undefined;
}

export type ResolvedCookieOptions = Pick<CookieOptions, 'domain'> & {
  readonly [K in Exclude<keyof CookieOptions, 'domain'>]-?: NonNullable<CookieOptions[K]>;
};

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
  /** Path below the mount. */
  readonly health: { readonly path: string; readonly secrets: readonly string[] } | undefined;
  /** Says a line once a minute, at most. */
  readonly log: Log;
  /** Says what is wrong with the configuration: to the logger, else on the console. */
  readonly warn: (message: string) => void;
}
