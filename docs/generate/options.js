// The pages of options: what each means, and its unit, default and limits, by the docstrings and the checks of the source.
import ts from 'typescript';
import { code, page, section, table } from './markdown.js';
import { exported, propertiesOf } from './source.js';

const OPTIONS = 'server/src/options/options.ts';
const OBSERVE = 'server/src/options/observe-options.ts';
const FACE = 'server/src/index.ts';

/** A docstring by what its sentences say: the variable, the default, and the rest. */
const sentencesOf = (text) => {
  const found = { meaning: [], byDefault: [], variable: [] };
  for (const sentence of text.split(/(?<=\.)\s+(?=[A-Z`])/)) {
    if (/^`[A-Z][A-Z_]+`(, comma-separated)?\.$/.test(sentence)) found.variable.push(sentence.slice(0, -1));
    else if (/^Default\b/.test(sentence))
      found.byDefault.push(sentence.replace(/^Default:? ?/, '').replace(/\.$/, ''));
    else found.meaning.push(sentence);
  }
  return found;
};

const number = (value) => value.toLocaleString('en-US');

/** The range of a whole number, from the check itself. */
const rangeOf = ({ minValue, maxValue } = {}) =>
  typeof minValue === 'number' && Number.isSafeInteger(minValue)
    ? ` ${number(minValue)}${Number.isSafeInteger(maxValue) ? ` to ${number(maxValue)}.` : ' or more.'}`
    : '';

const optionTable = (source, path, name, fields = {}) => {
  const rows = propertiesOf(source, path, name).map(({ name: option, text, type }) => {
    if (!text) throw new Error(`${name}.${option} has no docstring`);
    const { meaning, byDefault, variable } = sentencesOf(text);
    return [
      code(option),
      `${meaning.join(' ')}${rangeOf(fields[option]?.def?.innerType ?? fields[option])}`,
      code(type),
      byDefault.join(' '),
      variable.join(' '),
    ];
  });
  const columns = ['option', 'meaning', 'type', 'default', 'environment'];
  // A column in which nothing stands says nothing.
  const used = columns.map((_, index) => rows.some((row) => row[index] !== ''));
  const keep = (cells) => cells.filter((_, index) => used[index]);
  return table(keep(columns), rows.map(keep));
};

export const optionsPage = (source, { TOKEN_FIELDS, HANDLER_FIELDS }) => {
  const of = (name, fields, path = OPTIONS) => optionTable(source, path, name, fields);
  return page(
    'Options',
    'Every option of `genesysGuest` and `createGuestTokens`. They are checked once, at start: a bad set throws one ' +
      '`ConfigurationError` that lists every fault. What is not given comes from the environment, where a variable is named.',
    section(
      'Tokens',
      '`createGuestTokens` takes these, and so does `genesysGuest`.',
      of('GuestTokensOptions', TOKEN_FIELDS),
    ),
    section('Handler', '`genesysGuest` takes these, too.', of('HandlerOptions', HANDLER_FIELDS)),
    section('`cookie`', of('CookieOptions', HANDLER_FIELDS.cookie, FACE)),
    section('`members`', of('MembersInput')),
    section('`upstream`', of('UpstreamLimits', TOKEN_FIELDS.upstream, FACE)),
    section('`endpoints`', of('Endpoints', {}, FACE)),
    section('`store`: `memoryStore(…)`', of('MemoryStoreOptions', {}, FACE)),
    section('`store`: `redisStore(…)`', of('RedisStoreOptions', {}, 'server/src/redis.ts')),
    section('`audit`', of('AuditOptions', {}, OBSERVE)),
    section('`events`', of('EventsOptions', {}, OBSERVE)),
    section('`cspDirectives(…)`', of('CspOptions', {}, FACE)),
  );
};

/** What `boot.js` reads of its tag, by the one place where it does. */
const tagAttributes = ({ program }) => {
  const file = program.getSourceFiles().find(({ fileName }) => fileName.endsWith('/browser/src/script.ts'));
  const names = [];
  const visit = (node) => {
    if (
      ts.isVariableDeclaration(node) &&
      node.name.elements &&
      /\.dataset\b/.test(node.initializer?.getText() ?? '')
    ) {
      names.push(...node.name.elements.map(({ name }) => name.getText()));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
};

/** What is no option of `boot`, or is written in another way than there. */
const OF_THE_TAG = {
  manual:
    'Nothing happens until the page calls `GenesysGuest.boot()`: the hook for a consent manager. It needs no value.',
  show: "Show the platform's launcher where the deployment shows it on demand only. It needs no value.",
};

export const browserPage = (source) => {
  const options = propertiesOf(source, 'browser/src/index.ts', 'BootOptions');
  const rows = tagAttributes(source).map((name) => {
    const text = OF_THE_TAG[name] ?? options.find((option) => option.name === name)?.text;
    if (!text) throw new Error(`data-${name} is not described`);
    const { meaning, byDefault } = sentencesOf(text);
    return [
      code(`data-${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
      meaning.join(' '),
      byDefault.join(' '),
    ];
  });
  const of = (name, path = 'browser/src/index.ts') => optionTable(source, path, name);
  exported(source, 'browser/src/index.ts', 'boot');
  return page(
    'In the page',
    'What the tag `<script src="/chat/boot.js" async></script>` and `boot(…)` take, and what the session can do.',
    section('Attributes of the tag', table(['attribute', 'meaning', 'default'], rows)),
    section('Options of `boot`', of('BootOptions')),
    section(
      'The session',
      '`boot` resolves with it, and so does `GenesysGuest.boot()`.',
      table(
        ['member', 'meaning'],
        propertiesOf(source, 'browser/src/index.ts', 'GuestSession').map(({ name, text }) => [
          code(name.startsWith('__@') ? '[Symbol.dispose]' : name),
          text,
        ]),
      ),
    ),
    section('`labels`', of('Labels')),
  );
};
