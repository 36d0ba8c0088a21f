// Keeps out of a refusal what a gateway may echo in it: our credentials, and what the guest's attributes say.
import type { Answer, Request } from './http-client.ts';
import { parseJson } from './upstream-error.ts';

/** Shorter texts say nothing, and occur in words that mean something else. */
const SHORTEST = 4;

const HIDDEN = '[hidden]';

/** Also what is not ours: no header of anyone's belongs into a log. */
const AUTHORIZATION = /\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi;

/** Credentials that are remembered: those of a few calls, each in the ways in which it may be written. */
const REMEMBERED = 32;

export interface Echoes {
  /** Remembers the credentials of a call for an access token: no later answer may hold them either. */
  remember(request: Request): void;
  /** The answer without anything that we hold in confidence, before a word of it is read. */
  without(answer: Answer, request: Request): Answer;
}

export const createEchoes = (): Echoes => {
  let remembered: readonly string[] = [];
  const remember = (request: Request): void => {
    remembered = [...new Set([...credentialsOf(request), ...remembered])].slice(0, REMEMBERED);
  };
  return {
    remember,
    without: (answer, request) => {
      // After a refusal the next call has other credentials, and its answer may still speak of these.
      remember(request);
      return hideIn(answer, [...remembered, ...attributesOf(request)]);
    },
  };
};

const hideIn = (answer: Answer, confidences: readonly string[]): Answer => {
  const hidden = confidences
    .filter((value) => value.length >= SHORTEST)
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)])
    // The longest first: it may contain the others.
    .sort((a, b) => b.length - a.length);
  const hide = (text: string): string =>
    hidden
      .reduce((left, value) => left.replaceAll(value, HIDDEN), text)
      .replace(AUTHORIZATION, `$1 ${HIDDEN}`);
  const id = answer.headers['inin-correlation-id'];
  return {
    ...answer,
    text: hide(answer.text),
    headers: typeof id === 'string' ? { ...answer.headers, 'inin-correlation-id': hide(id) } : answer.headers,
  };
};

const credentialsOf = ({ headers }: Request): string[] => {
  const [scheme, sent = ''] = (headers['authorization'] ?? '').split(' ', 2);
  if (scheme !== 'Basic') return [sent];
  const pair = Buffer.from(sent, 'base64').toString('utf8');
  const secret = pair.slice(pair.indexOf(':') + 1);
  return [sent, pair, secret, encodeURIComponent(secret)];
};

const attributesOf = ({ body }: Request): string[] => {
  const sent = parseJson(body) as { readonly attributes?: Readonly<Record<string, string>> } | undefined;
  return Object.values(sent?.attributes ?? {});
};
