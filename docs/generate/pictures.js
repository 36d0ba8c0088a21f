// Pictures of what was measured, from the files that the runs have written: no figure is typed, and what is missing is said.
const FIGURES = ['blocking time', 'longest task', 'LCP', 'click to open chat'];
/** As the benchmark's rows name them, and as the picture does. */
const VARIANTS = [
  ['no chat', 'No chat'],
  ['snippet', 'Genesys’ own snippet'],
  ['ours', 'genesys-guest, the default'],
  ['facade', 'genesys-guest, the facade'],
];

/** Ms of each variant in a row of RESULTS.md, `no chat 12 ms, snippet 340 ms`; undefined without such a row. */
const millisecondsOf = (results, figure) => {
  const row = results.split('\n').find((line) => line.startsWith(`| Page: ${figure} |`));
  if (!row) return undefined;
  const found = row
    .split(' | ')[1]
    .split(', ')
    .map((text) => {
      const [, name, ms] = /^(.+) ([\d.]+) ms$/.exec(text) ?? [];
      if (!VARIANTS.some(([known]) => known === name))
        throw new Error(`RESULTS.md: "${text}" is no variant's ${figure}`);
      return [name, Number(ms)];
    });
  return Object.fromEntries(found);
};

const ROW = 20;
const HEAD = 34;
/** Where the bars begin, and the longest bar. */
const LEFT = 150;
const LONGEST = 420;

const bars = (groups) => {
  const most = Math.max(...groups.flatMap(({ values }) => values.map(([, ms]) => ms)));
  let y = 0;
  const drawn = groups.map(({ title, values }) => {
    y += HEAD;
    const head = `<text x="0" y="${y - 8}" font-weight="600">${title}</text>`;
    const rows = values.map(([figure, ms]) => {
      const width = ((ms / most) * LONGEST).toFixed(1);
      y += ROW;
      return `<text x="${LEFT - 10}" y="${y - 5}" text-anchor="end">${figure}</text><rect x="${LEFT}" y="${y - 17}" width="${width}" height="14" fill="var(--vp-c-brand-1)"/><text x="${LEFT + Number(width) + 6}" y="${y - 5}">${ms} ms</text>`;
    });
    return head + rows.join('');
  });
  const told = groups
    .map(({ title, values }) => `${title}: ${values.map(([figure, ms]) => `${figure} ${ms} ms`).join(', ')}.`)
    .join(' ');
  return `<figure><svg role="img" aria-label="${told}" viewBox="0 0 650 ${y + 4}" font-size="13" fill="currentColor">${drawn.join('')}</svg></figure>`;
};

/** @param results the text of test/bench/RESULTS.md */
export const pagePicture = (results) => {
  const rows = FIGURES.map((figure) => [figure, millisecondsOf(results, figure)]);
  const missing = rows.filter(([, found]) => !found).map(([figure]) => figure);
  if (missing.length === FIGURES.length)
    return 'Not measured yet: `pnpm bench page --write` keeps its figures, and they are drawn here.';
  if (missing.length > 0) throw new Error(`RESULTS.md has no row of a page’s ${missing.join(', ')}`);
  const groups = VARIANTS.map(([name, title]) => ({
    title,
    values: rows.filter(([, found]) => name in found).map(([figure, found]) => [figure, found[name]]),
  }));
  return `As a slow phone on slow 4G has it; less is better.\n\n${bars(groups)}`;
};

/**
 * @param soak what test/soak/soak.json holds
 * @param svg the text of test/soak/soak.svg
 */
export const soakPicture = ({ minutes, perMinute, samples }, svg) => {
  const { requests, failed } = samples.at(-1);
  const short =
    minutes < 60 ? ' `pnpm soak` takes an hour by itself: what grows slowly does not show in less.' : '';
  const told = [...svg.matchAll(/<text[^>]*>([^<]+)/g)].map(([, text]) => text).join('; ');
  return `Two instances on one Redis, ${perMinute} calls a minute allowed, for **${minutes} minutes**: ${requests} requests, ${failed} failed.${short}\n\n<figure>${svg.replace('<svg ', `<svg role="img" aria-label="${told}" `).trim()}</figure>`;
};
