// What the platform answered, without any value: what somebody can send to the project, so that the unknown becomes known.
import type { Platform } from './check.ts';
import type { Line, Run } from './runner.ts';

export const renderReport = ({ facts, recorded }: Run, lines: readonly Line[], version: string): string => {
  const calls = recorded.flatMap(({ url, answer: { method, status, headers, text } }) => {
    const name = callOf(url, facts.platform?.endpoints);
    if (name === undefined) return [];
    return {
      call: `${method} ${name}`,
      status,
      headers: Object.keys(headers).sort(),
      body: shapeOfText(text),
    };
  });
  const report = {
    about:
      'What this platform answered to genesys-guest doctor: names and shapes, no values. Read it before you send it.',
    version,
    node: process.version,
    region: facts.platform?.region.aws,
    calls,
    checks: lines.map(({ check, status }) => ({ check, status })),
    unseen: ['the events and commands of Messenger in the page', 'the guest socket'],
  };
  return `${JSON.stringify(report, null, 2)}\n`;
};

/** Which of the platform's endpoints it is, without the deployment's id; nothing of the site is reported. */
const callOf = ({ href }: URL, endpoints: Platform['endpoints'] | undefined): string | undefined => {
  const found = Object.entries(endpoints ?? {}).find(([, url]) => href === url)?.[0];
  const file = /\/(config|domains)\.json$/.exec(href)?.[0];
  return found ?? (file && href.startsWith(`${endpoints?.deployments}/`) ? `deployments${file}` : undefined);
};

const shapeOfText = (text: string): unknown => {
  try {
    return shapeOf(JSON.parse(text));
  } catch {
    return text === '' ? 'empty' : /^\s*</.test(text) ? 'HTML or XML' : 'text';
  }
};

/** The names of an object's fields with their types; of a list the shapes that are in it. */
const shapeOf = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  if (Array.isArray(value)) {
    const shapes = value.map((each) => JSON.stringify(shapeOf(each)));
    return [...new Set(shapes)].map((shape) => JSON.parse(shape));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [isName(key) ? key : '(a key)', shapeOf(each)]),
  );
};

/** Words as programmers write them; ids, addresses, domains and tokens are none. */
const isName = (key: string): boolean => /^[a-z_]{1,40}$/i.test(key);
