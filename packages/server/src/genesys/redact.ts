// Keeps out of a refusal what a gateway may echo in it: our credentials, and what the guest's attributes say.
import type { Answer, Request } from './exchange.ts';
import { parseJson } from './platform-errors.ts';

/** Shorter texts say nothing, and occur in words that mean something else. */
const SHORTEST = 4;

const HIDDEN = '[hidden]';

/** The answer without anything that its request held in confidence, before a word of it is read. */
export const withoutEchoes = (answer: Answer, request: Request): Answer => {
  const hidden = [...credentialsOf(request), ...attributesOf(request)]
    .filter((value) => value.length >= SHORTEST)
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)])
    // The longest first: it may contain the others.
    .sort((a, b) => b.length - a.length);
  const hide = (text: string): string => hidden.reduce((left, value) => left.replaceAll(value, HIDDEN), text);
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
