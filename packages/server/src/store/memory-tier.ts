// A bounded number of tokens in memory, which tells why each token left it. A shared store keeps one in front of Redis.
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { InvalidationReason } from '../observe/ports.ts';
import { nameOf } from './guest-name.ts';
import type { GuestKey, GuestToken, StoreContext } from './ports.ts';

/** An issue under way. */
interface Issue {
  isForgotten: boolean;
}

export class MemoryTier {
  readonly #tokens: LRUCache<string, GuestToken>;
  /** By guest: as many as there are calls under way. */
  readonly #issues = new Map<string, Set<Issue>>();
  /** The webchats in which a guest was kept: a handful, since the site's own mounts name them. */
  readonly #webchats = new Set<string>();
  readonly #context: Pick<StoreContext, 'now' | 'onInvalidate'>;
  #closed = false;

  /** @param max guests kept; above it the one unseen for longest goes */
  constructor(max: number, context: Pick<StoreContext, 'now' | 'onInvalidate'>) {
    this.#context = context;
    this.#tokens = new LRUCache({
      max,
      noDisposeOnSet: true,
      // After: the site may forget, or issue, from its own onInvalidate.
      disposeAfter: (gone, _name, cause) => this.#tell(gone, cause === 'evict' ? 'evicted' : 'forgotten'),
    });
  }

  get size(): number {
    return this.#tokens.size;
  }

  get(key: GuestKey): GuestToken | undefined {
    return this.#tokens.get(nameOf(key));
  }

  set(key: GuestKey, token: GuestToken): void {
    const name = nameOf(key);
    this.#webchats.add(key.webchatId);
    const before = this.#tokens.peek(name);
    this.#tokens.set(name, token);
    if (!before || before.token === token.token) return;
    const isSame = isDeepStrictEqual(before.attributes ?? {}, token.attributes ?? {});
    this.#tell(before, isSame ? 'renewed' : 'attributes_changed');
  }

  /**
   * Follows an issue, however long it takes and whatever else is forgotten meanwhile. Forgotten while it was issued, a token
   * is handed to whoever asked for it, and not kept for anyone else.
   */
  async follow(key: GuestKey, work: (issue: Issue) => Promise<GuestToken>): Promise<GuestToken> {
    const name = nameOf(key);
    const issue: Issue = { isForgotten: false };
    const issues = this.#issues.get(name) ?? new Set();
    this.#issues.set(name, issues.add(issue));
    this.#webchats.add(key.webchatId);
    try {
      const token = await work(issue);
      if (!issue.isForgotten) this.set(key, token);
      return token;
    } finally {
      issues.delete(issue);
      if (issues.size === 0) this.#issues.delete(name);
    }
  }

  /** Drops a token that is known to be useless. One that is being issued is not affected. */
  drop(key: GuestKey): void {
    this.#tokens.delete(nameOf(key));
  }

  /** Drops a token, also one that is being issued. @returns whether there was a token, or one being issued */
  forget(key: GuestKey): boolean {
    const name = nameOf(key);
    const issues = this.#issues.get(name);
    for (const issue of issues ?? []) issue.isForgotten = true;
    return this.#tokens.delete(name) || issues !== undefined;
  }

  /** The webchats in which something is held of a guest. */
  webchatsOf(externalId: string): string[] {
    const has = (name: string): boolean => this.#tokens.has(name) || this.#issues.has(name);
    return [...this.#webchats].filter((webchatId) => has(nameOf({ webchatId, externalId })));
  }

  close(): void {
    this.#closed = true;
    this.#tokens.clear();
  }

  /** Tells why a token left. An expired one is not told: nobody used it any more. */
  #tell({ webchatId, externalId, expiresAt }: GuestToken, reason: InvalidationReason): void {
    if (this.#closed || this.#context.now() >= expiresAt) return;
    // The guest alone: who hears it is told no token.
    this.#context.onInvalidate({ webchatId, externalId }, reason);
  }
}
