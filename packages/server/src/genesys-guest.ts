// The way in for a site: options to a request handler, with the tokens behind it.
import { IncomingMessage } from 'node:http';
import { scripts } from '@genesys-guest/browser/boot-text';
import { compose, type Shared } from './compose.ts';
import { composeMembers } from './compose-members.ts';
import type { FetchHandler } from './handler/fetch-handler.ts';
import type { RequestHandler } from './handler/handler.ts';
import { createMount, type Mount } from './handler/mount.ts';
import type { ResolvedHandlerOptions } from './handler/ports.ts';
import type { SiteVisitor } from './handler/site-visitor.ts';
import { ConfigurationError } from './lib/errors.ts';
import { logStart } from './observe/log.ts';
import { resolveHandlerOptions, resolveOptions } from './options/handler-options.ts';
import type { GenesysGuestOptions } from './options/options.ts';
import { startFacts } from './options/resolved-options.ts';
import { type Behind, behind, type GuestTokens, guestTokens } from './tokens/guest-tokens.ts';
import type { CloseOptions, Health } from './tokens/ports.ts';

/** A request handler for Express 4 and 5 and for bare `node:http`, with what stands behind it. */
export interface GenesysGuest<Req = IncomingMessage>
  extends RequestHandler<Req extends IncomingMessage ? Req : IncomingMessage> {
  /** The tokens behind the handler, for use without HTTP. */ readonly tokens: GuestTokens;
  /** For a readiness probe: `ready` stays true while Genesys Cloud or Redis is down, as visitors are still answered. */
  health(): Health;
  /**
   * Who the visitor of a request of the site's own is, with the token at hand; `undefined` for one never seen. Never calls
   * Genesys Cloud.
   * @throws GuestTokenError `identify_failed`, `guest_invalid`
   */
  visitor(req: Req): Promise<SiteVisitor | undefined>;
  /** The same handler for hosts that speak `Request` and `Response`. Never throws. */
  readonly fetch: FetchHandler;
  /** Finishes what is under way, refuses the rest, and leaves no timer and no socket. Shared `tokens` stay open. */
  close(options?: CloseOptions): Promise<void>;
}

/**
 * Gives every visitor of a site a working Messenger and a guest token: `app.use('/chat', genesysGuest(options))`.
 * @throws ConfigurationError once, with every issue of the options and how to fix it
 */
export const genesysGuest = <Req = IncomingMessage>(
  options: GenesysGuestOptions<Req> = {},
): GenesysGuest<Req> => {
  if ((options as unknown) instanceof IncomingMessage) throw notCalled();
  if (options?.tokens) {
    const found = behind<Shared>(options.tokens);
    const resolved = resolveHandlerOptions(options, found.shared.options, process.env);
    logStart(resolved.log, startFacts(found.shared.options, resolved));
    return faceOf(mountOn(found, resolved), found, { tokens: options.tokens, close: async () => {} });
  }
  const resolved = resolveOptions(options, process.env);
  const composed = compose(resolved.tokens);
  const mount = mountOn(composed, resolved.handler);
  logStart(resolved.handler.log, startFacts(resolved.tokens, resolved.handler));
  return faceOf(mount, composed, {
    tokens: guestTokens(composed),
    close: (limit) => composed.service.close(limit),
  });
};

const mountOn = ({ service, observer, shared }: Behind<Shared>, options: ResolvedHandlerOptions): Mount =>
  createMount(service, options, {
    scripts,
    counter: shared.counter,
    cookieless: shared.options.cookieless,
    watcher: observer,
    ...composeMembers(options, shared),
  });

const faceOf = <Req>(
  { handler, fetch, visitor }: Mount,
  { service }: Behind<Shared>,
  own: Pick<GenesysGuest<Req>, 'tokens' | 'close'>,
): GenesysGuest<Req> =>
  Object.assign(handler as RequestHandler<never>, {
    fetch,
    visitor,
    health: () => service.health(),
    ...own,
  }) as GenesysGuest<Req>;

const notCalled = (): ConfigurationError =>
  new ConfigurationError([
    {
      field: 'genesysGuest',
      message: "was given to Express without being called: write app.use('/chat', genesysGuest({ … }))",
    },
  ]);
