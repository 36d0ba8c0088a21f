// The types of home.js, for its test.
interface Home {
  readonly keywords?: readonly string[];
  readonly homepage?: string;
  readonly bugs?: string;
  readonly repository?: string;
}

export declare const emptyIn: (manifest: Home) => string[];
export declare const homeOf: (manifest: Home, folder: string) => Record<string, unknown>;
export declare const readRoot: () => Home;
