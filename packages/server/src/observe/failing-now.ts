// What fails now: calls whose last one failed, and a budget over which visitors were refused a moment ago.
import type { Failing } from './ports.ts';

/** Milliseconds for which a refusal over the budget counts. */
const REFUSED_FOR = 60_000;

export class FailingNow {
  readonly #entries = new Map<Failing['what'], Failing & { readonly until: number }>();

  /** @param at milliseconds of the clock */
  note(what: Failing['what'], at: number, reason: string): void {
    const before = this.#entries.get(what);
    const since = before && at <= before.until ? before.since : at;
    const until = what === 'budget' ? at + REFUSED_FOR : Number.POSITIVE_INFINITY;
    this.#entries.set(what, { what, reason, since, until });
  }

  clear(what: Failing['what']): void {
    this.#entries.delete(what);
  }

  /** @param at milliseconds of the clock */
  at(at: number): Failing[] {
    const now = [...this.#entries.values()].filter(({ until }) => at <= until);
    return now.map(({ what, reason, since }) => ({ what, reason, since }));
  }
}
