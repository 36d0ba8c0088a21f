// The pages of codes, events, metrics and spans, Redis keys and cookies, from the tables and types that the code works by.
import ts from 'typescript';
import { code, page, section, table } from './markdown.js';
import { docOf, exported, ownFiles, propertiesOf } from './source.js';
import { createTexts, visitAll } from './texts.js';

const SERVER = 'server/src/index.ts';
const BROWSER = 'browser/src/index.ts';

/** What the docstring of `GuestErrorCode` says of each code. */
const meaningsOfCodes = ({ checker, ...source }) => {
  const [declaration] = exported(
    { checker, ...source },
    'browser/src/errors.ts',
    'GuestErrorCode',
  ).declarations;
  const { comment } = ts.getJSDocCommentsAndTags(declaration)[0];
  const text = ts.getTextOfJSDocComment(comment);
  return Object.fromEntries(
    [...text.matchAll(/^- `(\w+)`: ([\s\S]*?)(?=^- |$(?![\s\S]))/gm)].map(([, name, meaning]) => [
      name,
      meaning.replaceAll(/\s+/g, ' ').trim(),
    ]),
  );
};

export const codesPage = (source, { PROBLEMS, MENDS }) => {
  const meanings = meaningsOfCodes(source);
  const named = [...new Set([...Object.keys(MENDS), 'auth_provider_taken'])];
  const missing = named.filter((name) => !meanings[name]);
  if (missing.length > 0) throw new Error(`GuestErrorCode does not describe ${missing.join(', ')}`);
  return page(
    'Problem codes',
    'Failures have a `code` that does not change: switch on it, not on the text.',
    section(
      'From the server',
      'The body is `application/problem+json` (RFC 9457). The page hears of the same codes as `error` events.',
      table(
        ['code', 'status', 'meaning'],
        Object.entries(PROBLEMS).map(([name, { status, title }]) => [code(name), status, title]),
      ),
    ),
    section(
      'Found in the page',
      'A `GuestError` and the event `genesys-guest:error` carry these. The chat itself goes on wherever it can.',
      table(
        ['code', 'meaning', 'do'],
        named.map((name) => [code(name), sentence(meanings[name]), MENDS[name]]),
      ),
    ),
    section('The body of a problem', table(['field', 'meaning'], documented(source, SERVER, 'Problem'))),
  );
};

const sentence = (text) => text[0].toUpperCase() + text.slice(1);

/** Rows of an interface: each property has a docstring, or the build fails. */
const documented = (source, path, name) =>
  propertiesOf(source, path, name).map(({ name: property, text }) => {
    if (!text) throw new Error(`${name}.${property} has no docstring`);
    return [code(property), text];
  });

export const eventsPage = (source, { KINDS }) => {
  const actions = Object.entries(KINDS).map(([action, { type, event }]) => [
    code(action),
    code(type),
    code(event),
  ]);
  return page(
    'Events',
    'What a page, the code around the tokens, and a receiver of CloudEvents can hear. No event carries a token.',
    section(
      'In the page',
      'Each is a `CustomEvent` on `window` with the prefix `genesys-guest:`, and reaches `session.on(…)` without it.',
      table(['event', 'meaning'], documented(source, BROWSER, 'GuestEvents')),
    ),
    section(
      'On `guest.tokens`',
      '`guest.tokens.on(event, listener)` returns what ends the listening.',
      table(['event', 'meaning'], documented(source, SERVER, 'GuestTokenEvents')),
    ),
    section(
      'CloudEvents and audit entries',
      'The option `events` sends each provisioning as a CloudEvent; `auditLog()` and `audit.sink` have it as an entry.',
      table(['action of the entry', 'type of the CloudEvent', '`data.event`'], actions),
    ),
    section(
      'The entry',
      'The data of a CloudEvent is the entry without `instance`, and with `event`.',
      table(['field', 'meaning'], documented(source, SERVER, 'AuditEntry')),
    ),
    section('The envelope', table(['field', 'meaning'], documented(source, SERVER, 'CloudEvent'))),
  );
};

/** Names in quotes with a point in them: attributes, as OpenTelemetry writes them. */
const attributesIn = (nodes) => {
  const names = new Set();
  for (const node of nodes) {
    visitAll(node, (one) => {
      if (ts.isStringLiteral(one) && /^[a-z_]+(\.[a-z_]+)+$/.test(one.text)) names.add(one.text);
    });
  }
  return [...names];
};

/** The statement of the observing room that says what a call to Genesys Cloud is told by. */
const ofCallsIn = (files) => {
  const found = files
    .flatMap(({ statements }) => statements)
    .find((one) => attributesIn([one]).includes('server.address'));
  if (!found) throw new Error('No attribute server.address: which are those of a call to Genesys Cloud?');
  return found;
};

const observing = (source) =>
  ownFiles(source, 'server').filter(({ fileName }) => fileName.includes('/observe/'));

/** What the callers of a function give it. */
const givenTo = (files, name) => {
  const found = [];
  for (const file of files) {
    visitAll(file, (node) => {
      if (ts.isCallExpression(node) && node.expression.getText() === name) found.push(...node.arguments);
    });
  }
  return found;
};

/** Each `startSpan`, and the statement of the file that it stands in. */
const spanRows = (source) => {
  const { checker } = source;
  const texts = createTexts(source);
  const files = observing(source);
  const rows = [];
  for (const file of files) {
    for (const statement of file.statements) {
      visitAll(statement, (node) => {
        if (!ts.isCallExpression(node) || !node.expression.getText().endsWith('.startSpan')) return;
        const { name } = statement.declarationList.declarations[0];
        const meaning = docOf(checker, checker.getSymbolAtLocation(name));
        const kind = /SpanKind\.CLIENT/.test(statement.getText())
          ? 'client'
          : /SpanKind\.SERVER/.test(statement.getText())
            ? 'server, or internal'
            : 'internal';
        const own = attributesIn([
          statement,
          ...(kind === 'client' ? [ofCallsIn(files), ...givenTo(files, name.getText())] : []),
        ]);
        const failed = /\bfail\(/.test(statement.getText()) ? ['error.type'] : [];
        const [span] = texts(node.arguments[0]);
        rows.push([
          code(span),
          kind,
          meaning,
          [...new Set([...own, ...failed])]
            .filter((one) => one !== span)
            .map(code)
            .join(', '),
        ]);
      });
    }
  }
  return rows;
};

export const telemetryPage = (source, { COUNTERS, DURATIONS, GAUGES }) => {
  const ours = (name) => code(`genesys_guest.${name}`);
  const id = code('genesys_guest.webchat_id');
  const counters = Object.values(COUNTERS).map(([name, unit, text, attribute, values]) => [
    ours(name),
    'counter',
    code(unit),
    text,
    [id, attribute && `${code(attribute)}: ${values.map(code).join(', ')}`].filter(Boolean).join('; '),
  ]);
  const ofCalls = attributesIn([ofCallsIn(observing(source))]);
  const histograms = Object.entries(DURATIONS).map(([key, [name, text]]) => [
    code(name),
    'histogram',
    code('s'),
    text,
    key === 'upstream'
      ? ofCalls.map(code).join(', ')
      : id + (key === 'issuing' ? `; ${code('error.type')} where it failed` : ''),
  ]);
  const gauges = GAUGES.map(([name, unit, text]) => [ours(name), 'gauge', code(unit), text, id]);
  return page(
    'Metrics and spans',
    'With an OpenTelemetry SDK on the site these are there by themselves, in the scope `@genesys-guest/server`. ' +
      'Counters are there at 0 from the start. No attribute names a guest.',
    section(
      'Metrics',
      table(['name', 'type', 'unit', 'meaning', 'attributes'], [...counters, ...histograms, ...gauges]),
    ),
    section('Spans', table(['name', 'kind', 'meaning', 'attributes'], spanRows(source))),
    section(
      '`telemetry()`',
      '`guest.tokens.telemetry()` has the same figures, of this process since its start.',
      table(['field', 'meaning'], documented(source, SERVER, 'Telemetry')),
    ),
    section(
      '`health()`',
      '`guest.health()` is what a probe may show.',
      table(['field', 'meaning'], documented(source, SERVER, 'Health')),
    ),
  );
};
