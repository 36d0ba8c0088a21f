// What the commands do alike: help where it is asked for, what is wrong with the usage, and where both are written.

/** 0: all pass or warn. 1: something fails. 2: wrong usage. */
export type ExitStatus = 0 | 1 | 2;

/** Takes text, as a stream of Node does. */
export interface Sink {
  /** Writes it. */
  write(text: string): unknown;
  /** A terminal gets colours. */
  readonly isTTY?: boolean | undefined;
}

/** Where it is written. Default: the process' own streams. */
export interface Output {
  /** What was found. */
  readonly out: Sink;
  /** Wrong usage. */
  readonly err: Sink;
}

/** @param read throws what is wrong with the usage */
export const command =
  <T>(
    name: string,
    help: string,
    read: (args: readonly string[]) => T,
    run: (flags: T, output: Output) => Promise<ExitStatus>,
  ) =>
  async (
    args: readonly string[],
    output: Output = { out: process.stdout, err: process.stderr },
  ): Promise<ExitStatus> => {
    if (args.includes('--help')) {
      output.out.write(help);
      return 0;
    }
    let flags: T;
    try {
      flags = read(args);
    } catch (error) {
      output.err.write(
        `genesys-guest ${name}: ${(error as Error).message}\nTry genesys-guest ${name} --help\n`,
      );
      return 2;
    }
    return run(flags, output);
  };
