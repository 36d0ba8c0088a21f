// What the blocks of the guide take for granted: what a site's middleware adds, and what browsers have beside the DOM's types.
export {};

interface Member {
  readonly id: string;
  readonly plan: string;
  readonly verifiedEmail: string;
  readonly firstName: string;
  readonly lastName: string;
}

declare module 'express-session' {
  interface SessionData {
    user?: Member;
  }
}

declare module 'http' {
  interface IncomingMessage {
    readonly session?: { readonly user?: Member };
    readonly address?: string;
  }
  interface ServerResponse {
    locals: Record<string, string>;
  }
}

declare global {
  interface Navigator {
    readonly connection?: { readonly saveData?: boolean };
  }
  interface Window {
    readonly trustedTypes?: { createPolicy(name: string, rules: unknown): unknown };
  }
  interface Event {
    readonly detail?: unknown;
  }
}
