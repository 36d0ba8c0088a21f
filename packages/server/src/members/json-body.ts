// Reads a JSON body, also where a body parser of the site has read it.
import { isMediaType } from './parameters.ts';
import type { MembersRequest } from './ports.ts';

/** The object in the body; `undefined` for another media type and for what is not a JSON object. */
export const parseJson = ({
  headers,
  body,
}: MembersRequest): Readonly<Record<string, unknown>> | undefined => {
  if (!isMediaType(headers['content-type'], 'application/json')) return undefined;
  const value = typeof body === 'string' ? parse(body) : body;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
