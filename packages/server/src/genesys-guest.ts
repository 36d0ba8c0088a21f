// The way in for a site: options to a request handler, with the tokens behind it.
import { IncomingMessage } from 'node:http';
import { scripts } from '@genesys-guest/browser/boot-text';
import { compose } from './compose.ts';
import { composeMembers, type ProofOf } from './compose-members.ts';
import type { FetchHandler } from './handler/fetch-handler.ts';
import type { RequestHandler } from './handler/handler.ts';
import { createMount } from './handler/mount.ts';
import type { SiteVisitor } from './handler/site-visitor.ts';
import { ConfigurationError } from './lib/errors.ts';
import { resolveOptions } from './options/handler-options.ts';
import type { GenesysGuestOptions } from './options/options.ts';
import { logStart, type ResolvedTokenOptions } from './options/resolved-options.ts';
import { behind, type GuestTokens, guestTokens } from './tokens/guest-tokens.ts';
import type { CloseOptions, Health } from './tokens/ports.ts';

/** A request handler for Express 4 and 5 and for bare `node:http`, with what stands behind it. */
export interface GenesysGuest<Req = IncomingMessage>
  extends RequestHandler<Req extends IncomingMessage ? Req : IncomingMessage> {
  /** The tokens of this deployment, for use without HTTP. */ readonly tokens: GuestTokens;
  /** For a readiness probe: `ready` stays true while Genesys Cloud or Redis is down, as visitors are still answered. */
  health(): Health;
  /**
   * Who the visitor of a request of the site's own is, with the token at hand; `undefined` for one never seen, or
   * forgotten. Never calls Genesys Cloud.
   * @throws GuestTokenError `identify_failed`, `guest_invalid`
   */
  visitor(req: Req): Promise<SiteVisitor | undefined>;
  /**
   * What proves to an agent who a guest is, for the site's own code: good for 15 minutes, as the one that pages get.
   * `undefined` for an id of more than about 140 bytes.
   * @throws ConfigurationError without the option `proof`
   * @throws GuestTokenError `guest_invalid`
   */
  proof(guest: ProofOf): string | undefined;
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
  const found = options?.tokens && behind<ResolvedTokenOptions>(options.tokens);
  const resolved = resolveOptions(options, process.env, found?.options);
  const composed = found ?? compose(resolved.tokens);
  const { service, observer, counter } = composed;
  const { proof, ...members } = composeMembers(resolved.handler, composed);
  const { handler, fetch, visitor } = createMount(service, resolved.handler, {
    scripts,
    counter,
    cookieless: resolved.tokens.cookieless,
    count: observer.count,
    ...members,
  });
  logStart(resolved.tokens, resolved.handler);
  return Object.assign(handler as RequestHandler<never>, {
    fetch,
    visitor,
    proof,
    health: () => service.health(),
    tokens: guestTokens(composed, resolved.handler.webchatId),
    close: async (limit?: CloseOptions) => (found ? undefined : service.close(limit)),
  }) as GenesysGuest<Req>;
};

const notCalled = (): ConfigurationError =>
  new ConfigurationError([
    {
      field: 'genesysGuest',
      message: "was given to Express without being called: write app.use('/chat', genesysGuest({ … }))",
    },
  ]);
