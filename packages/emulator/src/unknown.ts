// What is not known of the platform: each point is a switch, so that a site can be tried against either answer.

/** Each point that is not known, with the answer to try. */
export interface Unknown {
  /** In `upgrade`, after the page has rejected `getAuthCode`: chat as `anonymous` (default), or `nothing`. */
  readonly rejectedCode: 'anonymous' | 'nothing';
  /** Whose `localStorage` keeps a member's tokens: the `page`'s (default), or the `platform`'s, which the page cannot read. */
  readonly tokensIn: 'page' | 'platform';
  /** Whether the `Database` is empty after a conversation was cleared or reset. Default true. */
  readonly databaseEmptied: boolean;
  /** How the integration proves itself at the token endpoint. Default `client_secret_post`. */
  readonly secretMethod: 'client_secret_post' | 'client_secret_basic';
  /** Whether claims that the ID token lacks are fetched from userinfo. Default false. */
  readonly userinfo: boolean;
  /** Seconds by which the provider's clock may differ, 0 to 600. Default 30. */
  readonly clockSkew: number;
  /** Seconds for which the provider's discovery and keys are kept, 0 to 604,800. Default 0: asked for at each exchange. */
  readonly keysCachedFor: number;
  /** Characters of the longest `sub` and of the longest code that are taken. Defaults 255 and 2,048. */
  readonly longestSub: number;
  /** As for `longestSub`. */
  readonly longestCode: number;
  /** Milliseconds after which a call to the provider is given up, 1 to 60,000. Default 5,000. */
  readonly providerTimeout: number;
}

const DEFAULTS: Unknown = {
  rejectedCode: 'anonymous',
  tokensIn: 'page',
  databaseEmptied: true,
  secretMethod: 'client_secret_post',
  userinfo: false,
  clockSkew: 30,
  keysCachedFor: 0,
  longestSub: 255,
  longestCode: 2048,
  providerTimeout: 5000,
};

const oneOf = (...values: readonly unknown[]): [(value: unknown) => boolean, string] => [
  (value) => values.includes(value),
  values.join(' or '),
];

const between = (least: number, most: number): [(value: unknown) => boolean, string] => [
  (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  `a whole number from ${least} to ${most}`,
];

const RULES: Readonly<Record<keyof Unknown, readonly [(value: unknown) => boolean, string]>> = {
  rejectedCode: oneOf('anonymous', 'nothing'),
  tokensIn: oneOf('page', 'platform'),
  databaseEmptied: oneOf(true, false),
  secretMethod: oneOf('client_secret_post', 'client_secret_basic'),
  userinfo: oneOf(true, false),
  clockSkew: between(0, 600),
  keysCachedFor: between(0, 604_800),
  longestSub: between(1, 100_000),
  longestCode: between(1, 100_000),
  providerTimeout: between(1, 60_000),
};

/** The switches with their defaults; a misspelt one stays in, for `unknownFaults` to name. */
export const settleUnknown = (given: Partial<Unknown> = {}): Unknown => {
  const told = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(told) };
};

export const unknownFaults = (unknown: Unknown): string[] =>
  Object.entries(unknown).flatMap(([name, value]) => {
    const rule = RULES[name as keyof Unknown];
    if (rule === undefined)
      return [`unknown.${name} is no switch; they are ${Object.keys(RULES).join(', ')}`];
    return rule[0](value) ? [] : [`unknown.${name} must be ${rule[1]}`];
  });
