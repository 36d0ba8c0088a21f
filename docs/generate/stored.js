// The pages of what is kept: the keys in Redis, and the cookie.
import ts from 'typescript';
import { code, page, section, table } from './markdown.js';
import { ownFiles } from './source.js';
import { createTexts, visitAll } from './texts.js';

/** What lies under each kind: type, meaning, life. A kind that the code does not use, or one that is missing here, fails the build. */
const KINDS = {
  'guest-token': ['string, encrypted', "A guest's token", 'until it expires'],
  'guest-lease': ['string', "Which instance issues this guest's token now", '3 s, extended while it works'],
  'guest-forgotten': [
    'string',
    'When the guest was forgotten, as older tokens do not count; and until when the cookie is dead',
    "the longest of a day, a token's life and what is left of the cookie's life",
  ],
  'access-token': ['string, encrypted', 'The OAuth access token of all instances', 'until it expires'],
  'access-lease': ['string', 'Which instance fetches it now', '3 s, extended while it works'],
  'access-forgotten': ['string', 'When it was dropped', 'as long as it could live'],
  calls: ['sorted set', 'The calls of the last minute, by the time at which each left', '62 s'],
  pause: ['string', 'That Genesys Cloud asked for a pause', 'the pause'],
  platform: [
    'string',
    "By the platform's own count: calls left, and calls that it allows",
    'until that count begins anew',
  ],
  count: ['string', 'Calls that one address has caused', 'a minute'],
  spent: ['string', 'That an authorization code was used', 'the life of a code'],
  claimed: ['string', 'Whose a proof is', 'the life of a proof'],
  instances: ['sorted set', 'How each instance is set up', '2.5 minutes'],
  webchats: ['hash, encrypted', 'The deployments for which tokens were issued', '400 days'],
  erased: ['sorted set, encrypted', 'Whom the site has erased', 'a day'],
  events: [
    'sorted set, encrypted',
    'Events that wait for the receiver, with `events.durable`',
    'until they are taken',
  ],
  'events-refused': ['sorted set, encrypted', 'The newest 1,000 events that the receiver refused', '30 days'],
  probe: ['string', 'Whether every command that is needed may be used', 'a second'],
};

const kindsOf = (source) => {
  const texts = createTexts(source);
  const kinds = new Set();
  for (const file of ownFiles(source, 'server')) {
    visitAll(file, (node) => {
      if (!ts.isCallExpression(node) || !/names\.key$/.test(node.expression.getText())) return;
      const found = texts(node.arguments[0]);
      if (!found) throw new Error(`Which keys in Redis? ${node.getText()}`);
      for (const kind of found) kinds.add(kind);
    });
  }
  return [...kinds];
};

export const redisPage = (source) => {
  const used = kindsOf(source);
  const wrong = [
    ...used.filter((kind) => !KINDS[kind]),
    ...Object.keys(KINDS).filter((kind) => !used.includes(kind)),
  ];
  if (wrong.length > 0)
    throw new Error(`The kinds of keys in Redis and their meanings differ: ${wrong.join(', ')}`);
  return page(
    'Keys in Redis',
    'A key is `<prefix>:<kind>:<name>`; the prefix is `genesys-guest` unless `redisStore({ prefix })` says otherwise. Names ' +
      'are hashes that show no guest and no client, and those that one script touches have a hash tag in common. ' +
      'Every key but `events` ends by itself. Encrypted is AES-256-GCM under `secrets`.',
    section(
      'Kinds',
      table(
        ['kind', 'type', 'meaning', 'life'],
        Object.entries(KINDS).map(([kind, row]) => [code(kind), ...row]),
      ),
    ),
  );
};

/** A header as the code writes it, without the value. */
const header = ({ resolveOptions, createVisitorCookie }, NODE_ENV) => {
  const options = {
    region: 'eu-west-1',
    clientId: 'client',
    clientSecret: 'secret',
    webchatId: 'your-deployment',
    secrets: ['a secret of the site, long enough'],
  };
  const set = createVisitorCookie(resolveOptions(options, { NODE_ENV }).handler).issue();
  return set
    .replace(/=v1\.[^;]+/, '=v1.<key id>.<issued>.<id>.<mac>')
    .replace(/genesys-guest-[0-9a-f]{8}/, 'genesys-guest-<hash>');
};

export const cookiePage = (values) =>
  page(
    'The cookie',
    "There is one, and only where tokens are issued: with `source: 'none'` there is none. It says who an anonymous visitor " +
      'is, and is signed, so that nobody makes up another. The hash is of `webchatId`; the id is random.',
    section('On your site', `\`\`\`txt\nSet-Cookie: ${header(values, 'production')}\n\`\`\``),
    section('In development', `\`\`\`txt\nSet-Cookie: ${header(values, 'development')}\n\`\`\``),
    section('What can be set', 'See [`cookie`](./options.md#cookie) among the options.'),
  );
