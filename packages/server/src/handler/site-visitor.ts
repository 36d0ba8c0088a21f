// Tells the site's own routes who the visitor of a request is, with the token at hand. Never calls Genesys.
import type { IncomingHttpHeaders } from 'node:http';
import { type Attributes, secondsLeft } from '@genesys-guest/common';
import type { Tokens } from '../tokens/token-service.ts';
import type { VisitorOf } from './visitor.ts';

/** Who a visitor is, for the site's own code. */
export interface SiteVisitor {
  readonly externalId: string;
  /** The site itself said who this is; else the visitor is anonymous, known by the cookie. */
  readonly signedIn: boolean;
  readonly attributes?: Attributes;
  /** The guest token, where there is a good one. For the site's code: it goes into no page but the visitor's own. */
  readonly token?: string;
  /** Seconds that it is still good for. */
  readonly expiresIn?: number;
}

export const createSiteVisitor =
  (service: Tokens, webchatId: string, visitorOf: VisitorOf) =>
  async (host: unknown): Promise<SiteVisitor | undefined> => {
    const request = { method: 'GET', headers: headersOf(host), host };
    const { guest, identified } = await visitorOf(request);
    if (!guest) return undefined;
    const { token } = await service.find(webchatId, guest);
    // Who was forgotten begins anew: this is a copy of the cookie.
    if (!token && !identified && (await service.isRevoked(webchatId, guest.externalId))) return undefined;
    return {
      externalId: guest.externalId,
      signedIn: identified,
      ...(guest.attributes && { attributes: guest.attributes }),
      ...(token && { token: token.token, expiresIn: secondsLeft(token, service.now()) }),
    };
  };

/** Those of node:http as they are, and of a `Request` as an object. */
const headersOf = (host: unknown): IncomingHttpHeaders => {
  const { headers = {} } = (host ?? {}) as { readonly headers?: unknown };
  return headers instanceof Headers ? Object.fromEntries(headers) : (headers as IncomingHttpHeaders);
};
