// Reads what a page posts, also where the site's own body parser has been there first.
import type { IncomingMessage } from 'node:http';
import { GuestTokenError } from '../lib/errors.ts';

/** What `POST /renew` and `POST /forget` may carry. */
export interface PageBody {
  /** The guest that the page holds. */
  readonly externalId?: string | undefined;
}

/** Bytes: the longest external id fits several times over. */
const MOST_BYTES = 4_096;

/** @throws GuestTokenError `request_invalid` */
export const readBody = async (req: IncomingMessage): Promise<PageBody> => {
  const { body } = req as { readonly body?: unknown };
  // Older parsers put an empty object where they have read nothing.
  const parsed = req.readableDidRead || req.readableEnded || isFilled(body);
  return checked(parsed ? fromParser(body) : fromText(await readText(req)));
};

const isFilled = (body: unknown): boolean =>
  typeof body === 'object' && body !== null ? Object.keys(body).length > 0 : body !== undefined;

/** express.json() leaves an object, express.text() a string, express.raw() a buffer. */
const fromParser = (body: unknown): unknown => {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return body;
  if (body.length > MOST_BYTES) throw tooLong();
  return fromText(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
};

const fromText = (text: string): unknown => {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The body is not JSON');
  }
};

const checked = (body: unknown): PageBody => {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) throw invalid('The body must be a JSON object');
  const { externalId } = body as { readonly externalId?: unknown };
  if (externalId !== undefined && typeof externalId !== 'string') {
    throw invalid('externalId must be a string: the guest that the page holds');
  }
  return { externalId };
};

const readText = (req: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (finish: () => void): void => {
      req.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      // The rest is thrown away as it comes, so that the answer can be read on the same connection.
      req.resume();
      finish();
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > MOST_BYTES) settle(() => reject(tooLong()));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks).toString('utf8')));
    const onGone = (): void => settle(() => reject(invalid('The request was cut off')));
    req.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });

const invalid = (message: string): GuestTokenError => new GuestTokenError('request_invalid', message);
const tooLong = (): GuestTokenError => invalid(`The body is longer than ${MOST_BYTES} bytes`);
