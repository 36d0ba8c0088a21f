// What this room is given: its resolved options, and the rooms that it uses.
import type { Region } from '@genesys-guest/common';

export interface TokenOptions {
  readonly region: Region;
  readonly webchatId: string;
  readonly source: 'guest-tokens' | 'none';
  /** URL of Messenger's script. */
  readonly bootstrap: string;
  /** Seconds asked for. */
  readonly tokenLifetime: number;
  /** Seconds before expiry from which a token is renewed. */
  readonly renewBefore: number;
  /** Milliseconds from a caller's arrival to its answer. */
  readonly deadline: number;
}
