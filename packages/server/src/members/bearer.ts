// Reads the bearer token of a request from its header (RFC 6750, 2.1).
import type { MembersRequest } from './ports.ts';

export const bearerToken = ({ headers }: Pick<MembersRequest, 'headers'>): string | undefined =>
  /^bearer +(\S+)$/i.exec(String(headers['authorization']))?.[1];
