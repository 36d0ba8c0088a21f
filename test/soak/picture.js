// The soak as one SVG: a line for each figure, over the minutes.
const WIDTH = 640;
const HEIGHT = 90;
const ROWS = [
  ['heapMiB', 'heap, MiB'],
  ['handles', 'handles'],
  ['keys', 'keys in Redis'],
  ['duplicates', 'tokens issued twice'],
  ['busiestMinute', 'most calls in any 60 s'],
];

/** @param most calls that may leave in 60 s */
export const picture = (samples, most) => {
  const minutes = samples.at(-1)?.minute ?? 1;
  const row = ([name, label], index) => {
    const highest = Math.max(...samples.map((sample) => sample[name]));
    const top = Math.max(1, highest, name === 'busiestMinute' ? most : 0);
    const y = (value) => (index + 1) * HEIGHT - 10 - (Math.max(0, value) / top) * (HEIGHT - 35);
    const points = samples.map(
      (sample) =>
        `${(10 + (sample.minute / minutes) * (WIDTH - 20)).toFixed(1)},${y(sample[name]).toFixed(1)}`,
    );
    const limit =
      name === 'busiestMinute'
        ? `<path d="M10 ${y(most)}H${WIDTH - 10}" stroke="#c00" stroke-dasharray="4"/>`
        : '';
    return `<text x="10" y="${index * HEIGHT + 16}">${label}: ${samples.at(-1)?.[name]} at the end, ${highest} at most</text>${limit}<polyline points="${points.join(' ')}" fill="none" stroke="#06c" stroke-width="2"/>`;
  };
  const height = ROWS.length * HEIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" fill="#222"><title>The soak: ${minutes} minutes</title><rect width="${WIDTH}" height="${height}" fill="#fff"/>${ROWS.map(row).join('')}</svg>\n`;
};
