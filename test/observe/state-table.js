// Reports, after everything else, what an operator sees of each state: filled in by the tests that caused it.

const COLUMNS = ['state', 'health', 'first line of the log', 'metric', 'alert', 'doctor'];

/** A reporter of Vitest. */
export const stateTable = () => ({
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const rows = tests.map((test) => test.meta().operatorSees).filter(Boolean);
    if (rows.length === 0) return;
    const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    console.log(`\n${[COLUMNS, COLUMNS.map(() => '---'), ...rows].map(line).join('\n')}`);
  },
});
