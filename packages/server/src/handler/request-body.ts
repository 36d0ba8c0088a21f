// Reads what a page posts, also where the site's own body parser has been there first.
import type { IncomingMessage } from 'node:http';
import { GuestTokenError, isGuestTokenError } from '../lib/errors.ts';
import { within } from '../lib/timers.ts';

/** Bytes: the longest external id fits several times over. */
export const MAX_BODY_BYTES = 4_096;

/** Milliseconds in which a body must have come. */
const BODY_LIMIT = 5_000;

/**
 * What a page may post: the guest that it holds, and whether it was given a cookie before.
 * @param body what a parser left, or the text itself
 * @throws GuestTokenError `request_invalid`
 */
export const checkBody = (
  body: unknown,
): { readonly externalId?: string | undefined; readonly again?: boolean } => {
  const parsed = fromParser(body);
  if (parsed === undefined || parsed === null) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw invalid('The body must be a JSON object');
  const { externalId, again } = parsed as { readonly externalId?: unknown; readonly again?: unknown };
  if (externalId !== undefined && typeof externalId !== 'string') {
    throw invalid('externalId must be a string: the guest that the page holds');
  }
  return { externalId, again: again === true };
};

/** express.json() leaves an object, express.text() a string, express.raw() a buffer. */
const fromParser = (body: unknown): unknown => {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return body;
  if (body.length > MAX_BODY_BYTES) throw tooLong(MAX_BODY_BYTES);
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The body is not JSON');
  }
};

/** What a body parser left, else the text of the body. @throws GuestTokenError `request_invalid` */
export const readNodeBody = async (req: IncomingMessage, max = MAX_BODY_BYTES): Promise<unknown> => {
  const { body } = req as { readonly body?: unknown };
  // Older parsers put an empty object where they have read nothing.
  if (req.readableDidRead || req.readableEnded || isFilled(body)) return body;
  if (Number(req.headers['content-length'] ?? 0) > max) throw tooLong(max);
  // Not destroyed where it is too long: the answer has still to go out.
  return readText(req.iterator({ destroyOnReturn: false }), max);
};

const isFilled = (body: unknown): boolean =>
  typeof body === 'object' && body !== null ? Object.keys(body).length > 0 : body !== undefined;

/** No more than is taken, and no longer than {@link BODY_LIMIT}. @throws GuestTokenError `request_invalid` */
export const readText = (body: AsyncIterable<Uint8Array>, max = MAX_BODY_BYTES): Promise<string> => {
  const text = readChunks(body, max).catch((error: unknown) => {
    throw isGuestTokenError(error) ? error : invalid('The request was cut off');
  });
  return within(BODY_LIMIT, text, () => invalid('The body did not come in time'));
};

const readChunks = async (body: AsyncIterable<Uint8Array>, max: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > max) throw tooLong(max);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const invalid = (message: string): GuestTokenError => new GuestTokenError('request_invalid', message);
const tooLong = (max: number): GuestTokenError => invalid(`The body is longer than ${max} bytes`);
