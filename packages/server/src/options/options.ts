// The options as a site writes them, with their units and defaults.
import type { IncomingMessage } from 'node:http';
import type { Guest } from '@genesys-guest/common';
import type { CookieOptions } from '../handler/ports.ts';
import type { Logger, LogLevelName } from '../observe/log.ts';
import type { SendEvents } from '../observe/receivers.ts';
import type { GuestTokens } from '../tokens/guest-tokens.ts';

import type { Source } from './fields.ts';
import type { AuditOptions, EventsOptions } from './observe-options.ts';
import type { Endpoints, Invalidation, StoreFactory, UpstreamLimits } from './resolved-options.ts';

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What `createGuestTokens` takes. Each option may come from the environment variable that it names. */
export interface GuestTokensOptions {
  /** AWS id (`eu-west-1`), domain (`mypurecloud.ie`) or Messenger's name (`prod-euw1`). `GENESYSCLOUD_REGION`. */
  readonly region?: string | undefined;
  /** The OAuth client of the type client credentials. `GENESYSCLOUD_OAUTHCLIENT_ID`. */
  readonly clientId?: string | undefined;
  /** A string, or a function that is asked again after a 401. `GENESYSCLOUD_OAUTHCLIENT_SECRET`. */
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined;
  /** The Messenger deployment's id. `GENESYS_GUEST_WEBCHAT_ID`. */
  readonly webchatId?: string | undefined;
  /**
   * Keys of 32 characters or more that sign the visitor cookie and encrypt what a shared store holds: the first writes, all
   * read. Rotate `[old]` → `[old, new]` → `[new, old]` → `[new]`. `GENESYS_GUEST_SECRETS`, comma-separated. Entries that
   * are `undefined` do not count, so that an environment variable which is not set says nothing.
   */
  readonly secrets?: readonly (string | undefined)[] | undefined;
  /**
   * `none`: Messenger alone, without tokens, upstream or cookie. A function is asked at each issue, so that tokens can be
   * switched off and on while the site runs; what it throws counts as `guest-tokens`. Default `guest-tokens`.
   */
  readonly source?: Source | (() => Source) | undefined;
  /** Seconds asked for. Default 86,400. */
  readonly tokenLifetime?: number | undefined;
  /** Seconds before expiry from which a token is renewed; never more than half its lifetime. Default 300. */
  readonly renewBefore?: number | undefined;
  /** Full URLs, for a gateway or the emulator. Default: those of `region`. */
  readonly endpoints?: Optional<Endpoints> | undefined;
  /** Where tokens are kept: in this process, or in Redis for several. Default `memoryStore({ max: 100_000 })`. */
  readonly store?: StoreFactory | undefined;
  /** Limits on calls to Genesys Cloud. Default 300 in 60 s, 32 at a time, 1,000 waiting, 5,000 ms a try, 15,000 ms in all. */
  readonly upstream?: Optional<UpstreamLimits> | undefined;
  /** Called when a cached token is replaced, forgotten or evicted. */
  readonly onInvalidate?: ((invalidation: Invalidation) => void) | undefined;
  /** A record of each provisioning. Default: the newest 1,000 entries of each action, in memory. */
  readonly audit?: AuditOptions | undefined;
  /** Where each provisioning is told as a CloudEvent, off every visitor's path. Default nowhere. */
  readonly events?: EventsOptions | SendEvents | undefined;
  /** pino, winston or console as they are. Default: silent, but for what is wrong with the configuration. */
  readonly logger?: Logger | undefined;
  /**
   * The least level that reaches `logger`, as pino names them. `DEBUG=genesys-guest` sets `debug`, on the console where
   * there is no logger. Default `info`.
   */
  readonly logLevel?: LogLevelName | undefined;
}

/** What the request handler takes beside the options of its tokens. */
export interface HandlerOptions<Req = IncomingMessage> {
  /**
   * Who a signed-in visitor is, from the site's own session; `undefined` for everyone else. 5 s at most. Asked on every
   * request, so answer from the session. Default: every visitor is anonymous, known by a signed cookie.
   */
  identify?: ((req: Req) => Guest | undefined | Promise<Guest | undefined>) | undefined;
  /** What a page gets while no token can be had: a config without one, or the problem. Default `anonymous`. */
  readonly whenUnavailable?: 'anonymous' | 'fail' | undefined;
  /** Milliseconds after which an `anonymous` answer is given while the call goes on behind it. Default 2,000. */
  readonly patience?: number | undefined;
  /**
   * Calls to Genesys Cloud that one address may cause in a minute. Default: a tenth of what newcomers may use, which is
   * 80% of `upstream.perMinute`, and at least 5; so 24 where that is 300.
   */
  readonly mintsPerMinute?: number | undefined;
  /** Whose address a request counts for. Default: `req.ip`, else the socket's address. */
  clientAddress?: ((req: Req) => string | undefined) | undefined;
  /** Asked before a new anonymous guest costs a call: a captcha's or bot score's word. Default: everyone. */
  admit?: ((req: Req) => boolean | Promise<boolean>) | undefined;
  /** Other origins whose pages may call, with credentials: each in full, without `*`. Default none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** This site's origin as browsers see it, for a proxy that changes `Host`. Default: from `Host`. */
  readonly publicOrigin?: string | undefined;
  /** The visitor cookie, which says who an anonymous visitor is. */
  readonly cookie?: CookieOptions | undefined;
  /** Signed-in members on authenticated web messaging: this site is the OpenID provider that Genesys Cloud asks. Default off. */
  readonly members?: MembersInput | undefined;
  /**
   * Hands the agent an encrypted proof of who the guest is, as a custom attribute. `{ secret }`, 32 letters and digits or
   * more, also opens `POST /verify` to who has it. Default off.
   */
  readonly proof?:
    | boolean
    | {
        /** One, or several while it is changed. */ readonly secret: string | readonly string[];
      }
    | undefined;
  /**
   * Opens `GET <path>` to who has the secret as bearer: what `health()` says, 200, or 503 once closed. `path` is below the
   * mount, `/health` by default; the secret is 32 letters and digits or more. Default off.
   */
  readonly health?:
    | {
        /** Below the mount. Default `/health`. */ readonly path?: string | undefined;
        /** One, or several while it is changed. */ readonly secret: string | readonly string[];
      }
    | undefined;
}

/** The option `members`. */
export interface MembersInput {
  /** Full URL of the mount's `/oidc`, such as `https://www.example.com/chat/oidc`: https outside development. */
  readonly issuer?: string | undefined;
  /** Letters, digits, - and _. Given to Genesys Cloud, too. `GENESYS_GUEST_MEMBERS_CLIENT_ID`. */
  readonly clientId?: string | undefined;
  /** 32 characters or more; several while one is replaced. `GENESYS_GUEST_MEMBERS_CLIENT_SECRET`, comma-separated. */
  readonly clientSecret?: string | readonly string[] | undefined;
  /** RSA private keys as PEM, 2,048 bits or more: the first signs, all are published. `GENESYS_GUEST_MEMBERS_SIGNING_KEYS`. */
  readonly signingKeys?: readonly string[] | undefined;
  /** Where `/oidc/authorize` may send a code for a mobile app: exactly these https URLs. Default none. */
  readonly redirectUris?: readonly string[] | undefined;
  /** False switches members off: chats go on as anonymous. A function that throws, or takes over 5 s, says false. Default true. */
  readonly enabled?: boolean | (() => boolean | Promise<boolean>) | undefined;
}

/** What `genesysGuest` takes. */
export interface GenesysGuestOptions<Req = IncomingMessage> extends GuestTokensOptions, HandlerOptions<Req> {
  /** Shares the core of another deployment or of `createGuestTokens`; then only the handler's own options may be given. */
  readonly tokens?: GuestTokens | undefined;
}
