// The way in for a site: options to a request handler, with the tokens behind it.
import type { IncomingMessage } from 'node:http';
import { bootScript } from '@genesys-guest/browser/boot-text';
import { coreOf, type GuestTokens, guestTokens } from './guest-tokens.ts';
import { createHandler, type RequestHandler } from './middleware/handler.ts';
import { settleHandlerOptions, settleOptions } from './options/handler-options.ts';
import type { GenesysGuestOptions } from './options/options.ts';
import type { HandlerSettings } from './options/settings.ts';
import type { Core, Health } from './tokens/core.ts';
import { createCore } from './tokens/create-core.ts';

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
  const { tokens, core, settings, close } = options?.tokens ? shared(options, options.tokens) : own(options);
  const handler: RequestHandler = createHandler(core, settings, bootScript);
  return Object.assign(handler, { tokens, health: core.health, close });
};

interface Behind {
  readonly tokens: GuestTokens;
  readonly core: Core;
  readonly settings: HandlerSettings;
  readonly close: () => Promise<void>;
}

const own = <Req extends IncomingMessage>(options: GenesysGuestOptions<Req>): Behind => {
  const settings = settleOptions(options, process.env);
  const core = createCore(settings.tokens);
  return { tokens: guestTokens(core), core, settings: settings.handler, close: core.close };
};

const shared = <Req extends IncomingMessage>(
  options: GenesysGuestOptions<Req>,
  tokens: GuestTokens,
): Behind => {
  const core = coreOf(tokens);
  const settings = settleHandlerOptions(options, core.settings, process.env);
  return { tokens, core, settings, close: async () => {} };
};
