// Reports, after everything else, what holds of the tarballs in which environment; `-u` keeps it as RESULTS.md.
import { writeFileSync } from 'node:fs';

const ENVIRONMENT = /^packed, under (.+)$/;
const WORDS = { passed: 'yes', failed: 'NO', skipped: 'cannot be had here', pending: 'not run' };
const HEAD = '| environment | what | holds |\n| --- | --- | --- |';
const FILE = new URL('RESULTS.md', import.meta.url);
const INTRODUCTION = `# The packages in their environments

From the tarballs; a run writes it: \`pnpm build && node_modules/.bin/vitest run test/packages -u\`.
`;

/** A reporter of Vitest. */
export const environmentTable = () => {
  let keep = false;
  return {
    onInit({ config }) {
      keep = config.snapshotOptions.updateSnapshot === 'all';
    },
    onTestRunEnd(modules) {
      const rows = modules
        .flatMap((module) => [...module.children.allTests()])
        .flatMap((test) => {
          const [, name] = ENVIRONMENT.exec(test.parent.name ?? '') ?? [];
          return name ? [`| ${[name, test.name, WORDS[test.result().state]].join(' | ')} |`] : [];
        });
      if (rows.length === 0) return;
      const table = [HEAD, ...rows].join('\n');
      console.log(`\n${table}`);
      if (keep) writeFileSync(FILE, `${INTRODUCTION}\n${table}\n`);
    },
  };
};
