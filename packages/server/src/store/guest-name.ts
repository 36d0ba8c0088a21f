// One string for a guest of a deployment, to be the key of a Map.
import type { GuestKey } from './ports.ts';

/** No webchat id contains NUL, so two guests never share a name. */
export const nameOf = ({ webchatId, externalId }: GuestKey): string => `${webchatId}\0${externalId}`;
