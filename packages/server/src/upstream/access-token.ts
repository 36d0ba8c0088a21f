// Keeps one OAuth access token for all callers: fetched once however many wait, renewed in the background before it expires.
import { freshness } from '@genesys-guest/common';
import { within } from '../lib/timers.ts';
import type { AccessToken, Caller, UpstreamContext } from './ports.ts';
import { unavailable } from './upstream-error.ts';

/** Milliseconds before expiry from which the token is renewed: never more than half of its life. */
const RENEW_BEFORE = 300_000;

/** Milliseconds after a failed renewal in which the token at hand is used without another try. */
const RENEWAL_PAUSE = 10_000;

/** @param deadline milliseconds of the clock at which it gives up */
type Fetch = (deadline: number, onCall: Caller['onCall']) => Promise<AccessToken>;

export class AccessTokens {
  readonly #context: Pick<UpstreamContext, 'now' | 'accessToken'>;
  readonly #fetch: Fetch;
  readonly #timeLimit: number;
  #current: AccessToken | undefined;
  #fetching: Promise<AccessToken> | undefined;
  #renewFrom = Number.NEGATIVE_INFINITY;
  #refused: string | undefined;
  /** How the last fetch went. */
  state: 'unknown' | 'ok' | 'failing' = 'unknown';

  /** @param timeLimit milliseconds that a fetch may take */
  constructor(context: Pick<UpstreamContext, 'now' | 'accessToken'>, fetch: Fetch, timeLimit: number) {
    this.#context = context;
    this.#fetch = fetch;
    this.#timeLimit = timeLimit;
  }

  /** The present token. Waits only where there is none, and no longer than the caller does, who came later than others. */
  get({ deadline, onCall }: Pick<Caller, 'deadline' | 'onCall'>): AccessToken | Promise<AccessToken> {
    const now = this.#context.now();
    const token = this.#current;
    const state = token ? freshness(token, RENEW_BEFORE, now) : 'expired';
    if (!token || state === 'expired') return within(deadline - now, this.#fetchOnce(onCall), outOfTime);
    // A failure can be ignored here: the token at hand is still good, and whoever needs a new one meets the failure.
    if (state === 'ageing' && now >= this.#renewFrom) this.#fetchOnce(onCall).catch(() => {});
    return token;
  }

  /** The platform did not take this one: the next caller gets another. */
  drop(token: AccessToken): void {
    if (this.#current?.value === token.value) this.#current = undefined;
    this.#refused = token.value;
    this.#context.accessToken?.drop(token);
  }

  #fetchOnce(onCall: Caller['onCall']): Promise<AccessToken> {
    this.#fetching ??= this.#issue(onCall).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #issue(onCall: Caller['onCall']): Promise<AccessToken> {
    const { now, accessToken: shared } = this.#context;
    // One time limit for both: waiting for another instance, and fetching the token here.
    const deadline = now() + this.#timeLimit;
    const issue = () => this.#fetch(deadline, onCall);
    const suffices = (token: AccessToken): boolean =>
      token.value !== this.#refused && freshness(token, RENEW_BEFORE, now()) === 'fresh';
    try {
      this.#current = await (shared ? shared.issue({ suffices, issue, deadline }) : issue());
      this.state = 'ok';
      return this.#current;
    } catch (error) {
      this.state = 'failing';
      this.#renewFrom = now() + RENEWAL_PAUSE;
      throw error;
    }
  }
}

const outOfTime = (): Error => unavailable('No access token within the deadline');
