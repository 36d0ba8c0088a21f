// The benchmarks: one table, each row a ratio of two things measured side by side in this run.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { burst } from './burst.js';
import { importing } from './import.js';
import { issuing } from './issuing.js';
import { machine } from './measure.js';
import { memory } from './memory.js';
import { observe } from './observe.js';
import { page } from './page.js';
import { redis } from './redis.js';
import { stampede } from './stampede.js';
import { warm } from './warm.js';

const BENCHMARKS = { import: importing, warm, issuing, observe, stampede, burst, memory, page, redis };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exit(1);
}

const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
const rows = [];
for (const name of wanted) {
  console.log(`${name} …`);
  rows.push(...(await BENCHMARKS[name]()));
}

const cell = (value) => String(value ?? '');
const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
const lines = rows.map(({ name, figures, ratio, goal }) => line([name, figures, ratio, goal]));
const tableOf = (body) =>
  [line(['benchmark', 'measured', 'ratio', 'goal']), line(['---', '---', '---', '---']), ...body].join('\n');
console.log(`\n${tableOf(lines)}\n\n${machine()}`);

/** The rows that are kept there, each new one in the place of the old one of its name. */
const merged = async (file) => {
  const nameOf = (row) => row.split(' | ')[0];
  const old = (await readFile(file, 'utf8')).split('\n').filter((row) => row.startsWith('| '));
  const all = new Map([...old.slice(2), ...lines].map((row) => [nameOf(row), row]));
  return [...all.values()];
};

// With --write the table goes where the repository keeps it; benchmarks that did not run keep their rows.
if (values.write) {
  const file = new URL('RESULTS.md', import.meta.url);
  const table = tableOf(positionals.length > 0 ? await merged(file) : lines);
  const text = `# Results of \`pnpm bench\`\n\nMedians of alternating runs on a shared machine: read the ratios, not the figures.\n\n${table}\n\nMachine: ${machine()}\n`;
  await writeFile(file, text);
}
