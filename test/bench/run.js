// The benchmarks: one table, each row a ratio of two things measured side by side in this run.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { burst } from './burst.js';
import { importing } from './import.js';
import { issuing } from './issuing.js';
import { machine } from './measure.js';
import { memory } from './memory.js';
import { observe } from './observe.js';
import { stampede } from './stampede.js';
import { warm } from './warm.js';

const BENCHMARKS = { import: importing, warm, issuing, observe, stampede, burst, memory };

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
const table = [
  line(['benchmark', 'measured', 'ratio', 'goal']),
  line(['---', '---', '---', '---']),
  ...rows.map(({ name, figures, ratio, goal }) => line([name, figures, ratio, goal])),
].join('\n');
console.log(`\n${table}\n\n${machine()}`);

// With --write the table goes where the repository keeps it.
if (values.write) {
  const text = `# Results of \`pnpm bench\`\n\nMedians of alternating runs on a shared machine: read the ratios, not the figures.\n\n${table}\n\nMachine: ${machine()}\n`;
  await writeFile(new URL('RESULTS.md', import.meta.url), text);
}
