// The way in for a site: options to a request handler, with the tokens behind it.
import type { IncomingMessage } from 'node:http';
import { bootScript } from '@genesys-guest/browser/boot-text';
import { compose, type Shared } from './compose.ts';
import { createHandler, type RequestHandler } from './handler/handler.ts';
import { resolveHandlerOptions, resolveOptions } from './options/handler-options.ts';
import type { GenesysGuestOptions } from './options/options.ts';
import { type Behind, behind, type GuestTokens, guestTokens } from './tokens/guest-tokens.ts';
import type { Health } from './tokens/token-service.ts';

/** A request handler for Express 4 and 5 and for bare `node:http`, with what stands behind it. */
export interface GenesysGuest<Req extends IncomingMessage = IncomingMessage> extends RequestHandler<Req> {
  readonly tokens: GuestTokens;
  /** For a readiness probe: `ready` stays true while Genesys Cloud or Redis is down, as visitors are still answered. */
  health(): Health;
  /** Finishes what is under way, refuses the rest, and leaves no timer and no socket. Shared `tokens` stay open. */
  close(): Promise<void>;
}

/**
 * Gives every visitor of a site a working Messenger and a guest token: `app.use('/chat', genesysGuest(options))`.
 * @throws ConfigurationError once, with every fault of the options and how to mend it
 */
export const genesysGuest = <Req extends IncomingMessage = IncomingMessage>(
  options: GenesysGuestOptions<Req> = {},
): GenesysGuest<Req> => {
  if (options?.tokens) {
    const found = behind<Shared>(options.tokens);
    const resolved = resolveHandlerOptions(options, found.shared.options, process.env);
    const handler = handlerOn(found, resolved);
    return Object.assign(handler, { tokens: options.tokens, health: healthOf(found), close: async () => {} });
  }
  const resolved = resolveOptions(options, process.env);
  const composed = compose(resolved.tokens);
  const { service } = composed;
  const handler = handlerOn(composed, resolved.handler);
  const tokens = guestTokens(composed);
  return Object.assign(handler, { tokens, health: healthOf(composed), close: () => service.close() });
};

type HandlerOptions = Parameters<typeof createHandler>[1];

const handlerOn = ({ service, shared }: Behind<Shared>, options: HandlerOptions): RequestHandler =>
  createHandler(service, options, { bootText: bootScript, counter: shared.counter });

const healthOf =
  ({ service }: Behind<Shared>) =>
  (): Health =>
    service.health();
