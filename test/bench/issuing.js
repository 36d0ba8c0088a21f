// Cold issuing: 6,000 tokens for 128 callers on 64 connections, ours beside a bare undici pool that posts the same bodies.
import { alternate, median, round, start } from './measure.js';

const ROUNDS = 5;

export const issuing = async () => {
  const platform = start('emulator-process.js');
  const { endpoints } = await platform.ready;
  const cpu = { bare: [], ours: [] };
  /** Seconds as the parent sees them, from the word to the last token. */
  const run = async (variant) => {
    const child = start('issuing-process.js', [variant, JSON.stringify(endpoints)]);
    await child.ready;
    const startedAt = performance.now();
    const { cpu: microseconds } = await child.ask('go');
    const took = (performance.now() - startedAt) / 1_000;
    cpu[variant].push(microseconds);
    child.stop();
    return took;
  };
  const figures = await alternate(ROUNDS, { bare: () => run('bare'), ours: () => run('ours') });
  platform.stop();
  const [oursCpu, bareCpu] = [median(cpu.ours), median(cpu.bare)];
  return [
    {
      name: 'Cold issuing: 6,000 tokens, 128 callers, 64 connections, against a bare undici pool',
      figures: `ours ${round(figures.ours)} s, bare ${round(figures.bare)} s; CPU a token ${round(oursCpu, 0)} µs, ${round(bareCpu, 0)} µs (${round(oursCpu / bareCpu)})`,
      ratio: round(figures.ours / figures.bare),
      goal: 'at most 1.8',
    },
  ];
};
