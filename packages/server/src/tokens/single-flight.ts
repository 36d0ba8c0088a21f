// Single flight: at most one call per guest at a time. Whoever asks meanwhile shares it; it is aborted when all have left.

interface Flight<T> {
  readonly result: Promise<T>;
  /** Absent where a caller never leaves: then nobody can abort it. */
  readonly controller: AbortController | undefined;
  /** Those who have not left; 0 once it is aborted. */
  callers: number;
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** Whether a call for this name is under way that can be joined. */
  has(name: string): boolean {
    return (this.#flights.get(name)?.callers ?? 0) > 0;
  }

  /** Joins the call under way for this name, or starts one. @param signal aborted when this caller leaves */
  run(
    name: string,
    work: (signal: AbortSignal | undefined) => Promise<T>,
    signal?: AbortSignal | undefined,
  ): Promise<T> {
    const present = this.#flights.get(name);
    if (present && present.callers > 0) return join(present, signal);
    const controller = signal && new AbortController();
    const begin = async () => work(controller?.signal);
    // An aborted call may have left for the platform all the same: the next caller waits for it and uses its result.
    const started = present ? present.result.catch(begin) : begin();
    const result = started.finally(() => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name);
    });
    const flight: Flight<T> = { result, controller, callers: 0 };
    this.#flights.set(name, flight);
    return join(flight, signal);
  }

  /** Resolves when no call is under way. */
  async settled(): Promise<void> {
    while (this.#flights.size > 0) {
      await Promise.allSettled([...this.#flights.values()].map(({ result }) => result));
    }
  }
}

const join = <T>(flight: Flight<T>, signal: AbortSignal | undefined): Promise<T> => {
  flight.callers += 1;
  if (!signal) return flight.result;
  const leave = (): void => {
    flight.callers -= 1;
    if (flight.callers === 0) flight.controller?.abort();
  };
  if (signal.aborted) leave();
  else {
    signal.addEventListener('abort', leave, { once: true });
    const done = (): void => signal.removeEventListener('abort', leave);
    flight.result.then(done, done);
  }
  return flight.result;
};
