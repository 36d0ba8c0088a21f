// At most one call per guest at a time: whoever asks meanwhile shares it, and it is called off when all have left.

export interface Flights<T> {
  /** The call under way for this name, if any, joined. One that is called off already is not joined. */
  join(name: string, signal?: AbortSignal | undefined): Promise<T> | undefined;
  /** Starts a call unless one is under way, and joins it. */
  start(
    name: string,
    work: (signal: AbortSignal | undefined) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  readonly size: number;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
}

interface Flight<T> {
  readonly result: Promise<T>;
  /** Absent where a passenger never leaves: then nobody can call it off. */
  readonly controller: AbortController | undefined;
  passengers: number;
}

export const createFlights = <T>(): Flights<T> => {
  const flights = new Map<string, Flight<T>>();

  const board = (flight: Flight<T>, signal: AbortSignal | undefined): Promise<T> => {
    flight.passengers += 1;
    if (!signal) return flight.result;
    const leave = (): void => {
      flight.passengers -= 1;
      if (flight.passengers === 0) flight.controller?.abort();
    };
    if (signal.aborted) leave();
    else {
      signal.addEventListener('abort', leave, { once: true });
      const landed = (): void => signal.removeEventListener('abort', leave);
      flight.result.then(landed, landed);
    }
    return flight.result;
  };

  const isCalledOff = (flight: Flight<T>): boolean => flight.controller?.signal.aborted === true;

  return {
    join: (name, signal) => {
      const flight = flights.get(name);
      return flight && !isCalledOff(flight) ? board(flight, signal) : undefined;
    },
    start: (name, work, signal) => {
      const present = flights.get(name);
      if (present && !isCalledOff(present)) return board(present, signal);
      const controller = signal && new AbortController();
      const begin = () => work(controller?.signal);
      // One that was called off may have left all the same: the next waits for it, and takes what it brings.
      const landing = present ? present.result.catch(begin) : begin();
      const result = landing.finally(() => {
        if (flights.get(name) === flight) flights.delete(name);
      });
      const flight = { result, controller, passengers: 0 };
      flights.set(name, flight);
      return board(flight, signal);
    },
    get size() {
      return flights.size;
    },
    settled: async () => {
      while (flights.size > 0) await Promise.allSettled([...flights.values()].map(({ result }) => result));
    },
  };
};
