// Watches a page from its first moment: what happens to it, which tokens it shows, and whether one of them has expired.
export interface Witnessed {
  /** Times at which a token was shown after its expiry, by the site's own clock, ms. */
  readonly lies: number[];
  /** How many tokens were shown. */
  readonly tokens: number;
  /** `freeze`, `resume`, `offline`, `online`, `pagehide`, `pageshow` (`(persisted)` from the cache), and our events. */
  readonly happened: readonly string[];
  /** Is there a good token now? */
  readonly good: boolean;
}

declare global {
  interface Window {
    witnessed?: { lies: number[]; seen: Set<string>; happened: string[]; look(): string | undefined };
  }
}

/** Runs in the page, before anything else. */
export const witness = () => {
  const witnessed: NonNullable<Window['witnessed']> = {
    lies: [],
    seen: new Set(),
    happened: [],
    look() {
      const { token, config } = session ?? {};
      if (token === undefined) return undefined;
      witnessed.seen.add(token);
      // The answer's own time: site and browser share this machine's clock.
      const late = Date.now() - Date.parse(config?.expirationTime ?? '');
      if (late > 0) witnessed.lies.push(late);
      return token;
    },
  };
  window.witnessed = witnessed;
  let session: Awaited<ReturnType<NonNullable<Window['GenesysGuest']>['boot']>> | undefined;
  window.addEventListener('genesys-guest:ready', async () => {
    session = await window.GenesysGuest?.boot();
  });
  const note = (event: Event) => {
    // Before anybody else could mend it.
    witnessed.look();
    const persisted = event instanceof PageTransitionEvent && event.persisted ? ' (persisted)' : '';
    witnessed.happened.push(event.type.replace('genesys-guest:', '') + persisted);
  };
  for (const type of ['pagehide', 'pageshow', 'offline', 'online']) window.addEventListener(type, note, true);
  for (const type of ['freeze', 'resume']) document.addEventListener(type, note, true);
  for (const type of ['ready', 'renewed', 'expired', 'changed', 'error', 'disposed']) {
    window.addEventListener(`genesys-guest:${type}`, note);
  }
  setInterval(witnessed.look, 20);
};

/** What a page of either driver can do. */
interface Evaluates {
  evaluate<T>(work: () => T): Promise<T>;
}

export const witnessed = (page: Evaluates): Promise<Witnessed> =>
  page.evaluate(() => {
    const { lies = [], seen, happened = [], look } = window.witnessed ?? {};
    return { lies, happened, good: look?.() !== undefined, tokens: seen?.size ?? 0 };
  });
