// The part of oidc-provider that the tests use; it has no types of its own.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Saved {
    save(ttl?: number): Promise<string>;
  }
  interface GrantModel extends Saved {
    addOIDCScope(scope: string): void;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): (req: IncomingMessage, res: ServerResponse) => void;
    readonly Client: { find(id: string): Promise<object> };
    readonly Grant: new (values: {
      accountId: string;
      clientId: string;
    }) => GrantModel;
    readonly AuthorizationCode: new (
      values: object,
    ) => Saved;
  }
}
