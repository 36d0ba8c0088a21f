// The page of log lines: every place of the server that logs, what it can say there, and what to do about it.
import ts from 'typescript';
import { ADVICE } from './advice.js';
import { code, page, section, table } from './markdown.js';
import { ownFiles, relative } from './source.js';
import { createTexts, visitAll } from './texts.js';

const LEVELS = ['error', 'warn', 'info', 'debug'];

/** A call of a `Log` gives level and message; one of `warn` gives the message alone. */
const isLog = (checker, node) => checker.getTypeAtLocation(node.expression).aliasSymbol?.name === 'Log';
const isWarn = (node) =>
  !node.expression.getText().startsWith('console.') &&
  /(^|\.)(warn|warnOnce|warnHourly)$/.test(node.expression.getText()) &&
  node.arguments.length === 1;

/** `say(line[0], line[1])`: the pairs of level and message that the names in `line` lead to. */
const pairsOf = (checker, node) => {
  const pairs = [];
  const seen = new Set();
  const follow = (from) => {
    visitAll(from, (one) => {
      if (ts.isArrayLiteralExpression(one) && LEVELS.includes(one.elements[0]?.text)) {
        pairs.push({ level: one.elements[0].text, message: one.elements[1].text });
      }
      const initializer =
        ts.isIdentifier(one) && checker.getSymbolAtLocation(one)?.valueDeclaration?.initializer;
      if (initializer && !seen.has(initializer)) {
        seen.add(initializer);
        follow(initializer);
      }
    });
  };
  follow(node.expression);
  return pairs;
};

const fieldsOf = (node) =>
  node && ts.isObjectLiteralExpression(node)
    ? node.properties.flatMap(({ name }) => (name ? [name.getText()] : []))
    : [];

/** Calls that pass on what another place says, or say what is in the table of the platform's answers. */
const PASSED_ON = [
  /observe\/log.ts log\(/,
  /client-address.ts warn\(message\)/,
  /environment.ts log\('warn', message\)/,
  /member.ts log\('warn', message\)/,
  /token-options.ts warn\(warning\)/,
  /observer.ts this.#log\(level, message,/,
  /observer.ts this.#options.log\('debug', `\$\{CALLS/,
];

/** What a store finds unsafe in its options is warned of when it is opened. */
const warningsOf = (texts, node) =>
  ts.isPropertyAssignment(node) && node.name.getText() === 'warnings'
    ? (texts(node.initializer.whenTrue?.elements?.[0] ?? node.initializer) ?? []).map((message) => ({
        level: 'warn',
        message,
      }))
    : [];

const linesOf = (source) => {
  const { checker } = source;
  const texts = createTexts(source);
  const lines = [];
  const read = (file, node) => {
    lines.push(...warningsOf(texts, node));
    if (!ts.isCallExpression(node)) return;
    const log = isLog(checker, node);
    if (!log && !isWarn(node)) return;
    const [level, message, fields] = log ? node.arguments : [undefined, node.arguments[0]];
    if (log && ts.isElementAccessExpression(message)) return lines.push(...pairsOf(checker, message));
    const place = `${relative(file)} ${node.getText()}`;
    if (PASSED_ON.some((known) => known.test(place))) return;
    const said = texts(message);
    if (said === undefined) throw new Error(`What does it say? ${place}`);
    for (const one of level ? (texts(level) ?? LEVELS) : ['warn']) {
      lines.push(...said.map((text) => ({ level: one, message: text, fields: fieldsOf(fields) })));
    }
  };
  for (const file of ownFiles(source, 'server')) visitAll(file, (node) => read(file, node));
  const unique = new Map(lines.map((line) => [`${line.level} ${line.message}`, line]));
  return [...unique.values()].sort((a, b) => a.message.localeCompare(b.message, 'en'));
};

/** A message that says itself what to do. */
const SAYS =
  /\b(set|list|give|check|serve|name|call it|leave it out|npm install|use https|use rediss|needs)\b/;

const adviceFor = ({ message }) => {
  const [key, advice] = Object.entries(ADVICE).find(([start]) => message.startsWith(start)) ?? [];
  return { key, advice: advice ?? (SAYS.test(message) ? 'As it says.' : undefined) };
};

const STATUSES = [400, 401, 403, 404, 418, 429, 503, 302];

/** What the log says of the platform's answers, by the code that makes the message. */
const answersTable = ({ errorOfAnswer, toGuestTokenError }) =>
  table(
    ['call', 'answer', 'level', 'code', 'do'],
    ['oauth', 'guest-tokens'].flatMap((call) =>
      STATUSES.map((status) => {
        const failure = errorOfAnswer(call, { status, text: '', headers: {} });
        const { code: problem } = toGuestTokenError(failure);
        const level = problem === 'upstream_rejected' ? 'error' : 'warn';
        return [call, status === 418 ? 'other 4xx' : status, level, code(problem), failure.failure.fix];
      }),
    ),
  );

/** The alternatives of a pattern; what may stand around one is dots. */
const namesOf = ({ source }) =>
  source
    .replaceAll(/[$^]|\\b/g, '')
    .replace('.*(', '(')
    .replaceAll(/[()]/g, '')
    .replaceAll('.*', '…')
    .split('|');

export const logPage = (source, values) => {
  const lines = linesOf(source);
  const used = new Set();
  const silent = [];
  const rows = (level) =>
    lines
      .filter((line) => line.level === level)
      .map((line) => {
        const { key, advice } = adviceFor(line);
        if (key) used.add(key);
        if (!advice) silent.push(line.message);
        return [line.message, (line.fields ?? []).map(code).join(', '), advice];
      });
  const sections = LEVELS.map((level) =>
    section(`\`${level}\``, table(['message', 'fields', 'do'], rows(level))),
  );
  const unused = Object.keys(ADVICE).filter((key) => !used.has(key));
  if (silent.length > 0) throw new Error(`advice.js says nothing of the log lines:\n${silent.join('\n')}`);
  if (unused.length > 0) throw new Error(`advice.js has log lines that are not there:\n${unused.join('\n')}`);
  const network = values.NETWORK_ERRORS.map(([codes, what, fix]) => [
    namesOf(codes).map(code).join(', '),
    `<host> ${what}`,
    fix,
  ]);
  return page(
    'Log lines',
    'What `logger` is given, by level. The same line is said once a minute. Until then it is at `debug`, and the next one says ' +
      'in `repeated` how often that was. The line of a refused request also has `code` and, where there is one, `origin`, ' +
      '`fields` or `error`. No line holds a token or a secret. Words in angle brackets stand for values.',
    ...sections,
    section(
      'What Genesys Cloud answers',
      'These lines begin with “The OAuth call failed.” or “The guest-token call failed.” and have the fields `code`, ' +
        '`externalId`, `webchatId` and `correlationId`, which is what Genesys’ support asks for. Each try is a line at `debug`.',
      answersTable(values),
    ),
    section(
      'What the network and Redis answer',
      'They stand in the same lines, with the code in brackets; of Redis in the fields `reason`, `what` and `fix`.',
      table(['code', 'what it says', 'do'], network),
    ),
  );
};
