// Prints the non-blank source lines without tests, by package and room, and fails where one is over its limit.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Lines at most. Rooms that came later (members) stand beside the server's own sum. */
const LIMITS = { server: 6_000, 'server/redis': 1_300, cli: 1_700 };

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'packages'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => /\/src\/.*\.tsx?$/.test(file) && !/\.test\.tsx?$|\/testing\//.test(file));

const sums = new Map();
const add = (name, lines) => sums.set(name, (sums.get(name) ?? 0) + lines);
for (const file of files) {
  const [, name, , room, ...rest] = file.split('/');
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '').length;
  const ownSum = name === 'server' && room === 'members';
  if (!ownSum) add(name, lines);
  if (name === 'server') add(`server/${rest.length > 0 ? room : '.'}`, lines);
}

let over = 0;
for (const [name, lines] of [...sums].sort(([a], [b]) => a.localeCompare(b))) {
  const limit = LIMITS[name];
  const note = name === 'server' ? ' (without members)' : '';
  console.log(`${name.padEnd(20)}${String(lines).padStart(6)}${limit ? ` of ${limit}` : ''}${note}`);
  if (lines > limit) over += 1;
}
process.exitCode = over > 0 ? 1 : 0;
