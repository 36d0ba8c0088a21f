// Reports, after everything else, which row of the list that every engine runs held in which of them.

const ENGINE = /^(.*), in (\w+)$/;
const WORDS = { passed: 'yes', failed: 'NO', skipped: 'not run', pending: 'not run' };

/** A reporter of Vitest. */
export const engineTable = () => ({
  onTestRunEnd(modules) {
    const rows = new Map();
    const engines = new Set();
    for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
      const [, suite, engine] = ENGINE.exec(test.parent.name ?? '') ?? [];
      if (!engine) continue;
      engines.add(engine);
      const row = `${suite} ${test.name}`;
      rows.set(row, { ...rows.get(row), [engine]: WORDS[test.result().state] });
    }
    if (engines.size < 2) return;
    const cells = [...engines];
    const line = (name, values) => `| ${[name, ...values].join(' | ')} |`;
    console.log(
      `\n${line('in a browser', cells)}\n${line(
        '---',
        cells.map(() => '---'),
      )}`,
    );
    for (const [row, held] of rows) {
      console.log(
        line(
          row,
          cells.map((engine) => held[engine] ?? 'not run'),
        ),
      );
    }
  },
});
