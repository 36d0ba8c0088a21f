// Cold issuing: the CPU that a token costs, ours beside a bare undici pool that posts the same bodies.
import { alternate, round, start } from './measure.js';

const ROUNDS = 7;

export const issuing = async () => {
  const platform = start('emulator-process.js');
  const { endpoints } = await platform.ready;
  const run = async (variant) => {
    const child = start('issuing-process.js', [variant, JSON.stringify(endpoints)]);
    const microseconds = await child.ready;
    child.stop();
    return microseconds;
  };
  const figures = await alternate(ROUNDS, { bare: () => run('bare'), ours: () => run('ours') });
  platform.stop();
  return [
    {
      name: 'Cold issuing: CPU a token, against a bare undici pool',
      figures: `ours ${round(figures.ours, 0)} µs, bare ${round(figures.bare, 0)} µs`,
      ratio: round(figures.ours / figures.bare),
      goal: 'at most 1.5',
    },
  ];
};
