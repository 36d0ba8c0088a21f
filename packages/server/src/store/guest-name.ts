// One string for a guest of a deployment, to be the key of a Map.
import type { GuestKey } from './ports.ts';

/** No webchat id contains NUL, so two guests never share a name. */
export const nameOf = ({ webchatId, externalId }: GuestKey): string => `${webchatId}\0${externalId}`;

export const keyOf = (name: string): GuestKey => {
  const end = name.indexOf('\0');
  return { webchatId: name.slice(0, end), externalId: name.slice(end + 1) };
};
