// Reports, after everything else, the wrong set-ups that were tried: the line that each shows, where, and what doctor says.

const HELD = { passed: 'yes', failed: 'NO' };

const cell = (text) => (text === '' ? '–' : text.replaceAll('|', '\\|'));

/** A reporter of Vitest. */
export const setUpTable = () => ({
  onTestRunEnd(modules) {
    const rows = modules
      .flatMap((module) => [...module.children.allTests()])
      .flatMap((test) => {
        const { setUp } = test.meta();
        return setUp ? [{ ...setUp, held: HELD[test.result().state] ?? 'not run' }] : [];
      });
    if (rows.length === 0) return;
    console.log(
      '\n| wrong set-up | where it shows | the line | doctor says | holds |\n| --- | --- | --- | --- | --- |',
    );
    for (const { broken, where, sees, doctor, held } of rows) {
      console.log(`| ${[broken, where, sees, doctor, held].map(cell).join(' | ')} |`);
    }
  },
});
