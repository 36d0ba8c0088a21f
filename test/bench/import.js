// What importing the package costs a site that starts, beside importing Express: fresh processes, taken in turn.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { alternate, round } from './measure.js';

const ROUNDS = 15;

const CODE = `const startedAt = performance.now();
await import(process.argv[1]);
console.log(performance.now() - startedAt);`;

/** @param from the folder whose dependencies are meant */
const measure = (specifier, from) => async () => {
  const cwd = fileURLToPath(new URL(from, import.meta.url));
  const args = ['--input-type=module', '--eval', CODE, specifier];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  return Number(stdout);
};

const PARTS = ['zod', 'undici', '@opentelemetry/api', 'lru-cache'];

export const importing = async () => {
  const { express, server, ...parts } = await alternate(ROUNDS, {
    express: measure('express', '..'),
    server: measure('@genesys-guest/server', '..'),
    ...Object.fromEntries(PARTS.map((name) => [name, measure(name, '../../packages/server')])),
  });
  const list = Object.entries(parts).map(([name, ms]) => `${name} ${round(ms, 0)}`);
  return [
    {
      name: 'Importing the package beside Express',
      figures: `${round(server, 0)} ms, Express ${round(express, 0)} ms (alone: ${list.join(', ')})`,
      ratio: round(server / express),
      goal: 'at most 2.2',
    },
  ];
};
