// Memory: what a cached guest costs, and that it stays flat however many distinct guests come by.
import { round, start } from './measure.js';

export const memory = async () => {
  const platform = start('emulator-process.js');
  const { endpoints } = await platform.ready;
  const child = start('memory-process.js', [JSON.stringify(endpoints)], ['--expose-gc']);
  const { perGuest, full, later } = await child.ready;
  child.stop();
  platform.stop();
  return [
    {
      name: 'Memory: heap a guest, 100,000 cached',
      figures: `${round(perGuest, 0)} bytes`,
      ratio: round(perGuest / 1_200),
      goal: 'at most 1 (1.2 kB)',
    },
    {
      name: 'Memory: heap after 1,000,000 distinct guests, against after 100,000',
      figures: `${round(later / 2 ** 20, 1)} MiB, ${round(full / 2 ** 20, 1)} MiB`,
      ratio: round(later / full),
      goal: 'about 1',
    },
  ];
};
