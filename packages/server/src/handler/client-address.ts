// Whose address a request comes from, as far as it can be believed.

import { guarded } from '../lib/promise.ts';
import { createLogThrottle, errorName } from '../observe/log.ts';
import { isInside } from './address-groups.ts';
import type { HttpRequest, ResolvedHandlerOptions } from './ports.ts';

/** What Express adds to a request. */
interface ExpressRequest {
  readonly ip?: string | undefined;
  readonly app?: { get?(setting: string): unknown };
  readonly socket?: { readonly remoteAddress?: string | undefined };
}

export interface ClientAddress {
  /** What is counted. */
  readonly address: string;
  /** The address of a proxy that nobody has configured, or of one that believes whatever is sent: all behind it are one. */
  readonly proxy?: string;
}

/** Never throws and always returns an address, so that the limit is never off. */
export type ClientAddressOf = (request: HttpRequest) => ClientAddress;

/** Milliseconds in which a set-up that weakens the limit is warned of once. */
const WARN_EVERY = 3_600_000;

type Options = Pick<ResolvedHandlerOptions, 'clientAddress' | 'warn' | 'log'>;

export const createClientAddressOf = (
  { clientAddress, warn, log }: Options,
  now?: () => number,
): ClientAddressOf => {
  const say = createLogThrottle((level, message) => level === 'warn' && warn(message), now, WARN_EVERY);
  const warnHourly = (message: string): void => say('warn', message);

  const trusted = ({ address, host, headers }: HttpRequest): ClientAddress => {
    const { ip, app, socket } = (host ?? {}) as ExpressRequest;
    const direct = address ?? socket?.remoteAddress ?? 'unknown';
    const trust = app?.get?.('trust proxy');
    if (trust === true) warnHourly(TRUSTS_ALL);
    if (trust) return { address: ip ?? direct, ...(trust === true && { proxy: direct }) };
    if (headers['x-forwarded-for'] === undefined || address !== undefined) return { address: direct };
    if (!isInside(direct)) {
      warnHourly(UNTRUSTED_HEADER);
      return { address: direct };
    }
    warnHourly(UNCONFIGURED_PROXY);
    return { address: direct, proxy: direct };
  };

  if (!clientAddress) return trusted;
  return (request) => {
    try {
      const address: unknown = clientAddress(request.host as never);
      guarded(() => address);
      if (typeof address === 'string' && address !== '') return { address };
      if (address !== undefined && address !== null) warnHourly(NO_STRING);
    } catch (error) {
      log('error', "clientAddress(req) failed, so the connection's address is counted", {
        error: errorName(error),
      });
    }
    return trusted(request);
  };
};

const NO_STRING = "clientAddress(req) must return a string; until then the connection's address is counted";

const TRUSTS_ALL =
  "Express' `trust proxy` is true, so any visitor can choose the address that is counted for `mintsPerMinute`: " +
  "set it to the number of proxies in front, such as app.set('trust proxy', 1)";

const UNCONFIGURED_PROXY =
  'A proxy stands in front (X-Forwarded-For arrives from a private address) but is not trusted, so all visitors ' +
  "behind it share one limit: set app.set('trust proxy', 1), or `clientAddress` on a bare server";

const UNTRUSTED_HEADER =
  'X-Forwarded-For arrives from a public address that is not trusted, so it is ignored: if that is a proxy of yours, ' +
  'name it in `trust proxy`, or set `clientAddress`; else a visitor has made the header up';
