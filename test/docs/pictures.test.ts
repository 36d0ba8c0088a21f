// What the guide draws of what was measured: from the rows that the benchmark writes, and of the soak how long it was.
import { describe, expect, it } from 'vitest';
import { pagePicture, soakPicture } from '../../docs/generate/pictures.js';
import { rowsOf } from '../bench/page.js';

const visited = (scale: number) => ({
  requests: scale,
  kilobytes: scale,
  blocking: 1 * scale,
  longest: 2 * scale,
  lcp: 3 * scale,
  cls: 0,
  open: 4 * scale,
});
const { open: _, ...none } = visited(10);
const MEASURED = {
  none,
  snippet: visited(100),
  default: visited(50),
  facade: visited(20),
  pointed: visited(1),
};
const results = rowsOf(MEASURED, { default: 30, facade: 30 }, 300_000)
  .map(({ name, figures }) => `| ${name} | ${figures} | | |`)
  .join('\n');
const FACADE =
  'genesys-guest, the facade: blocking time 20 ms, longest task 40 ms, LCP 60 ms, click to open chat 80 ms.';

describe('The picture of a page', () => {
  const picture = pagePicture(results);

  it('has a group for each variant, and says in words what it shows', () => {
    const [, told] = /aria-label="([^"]+)"/.exec(picture) ?? [];
    expect(told).toContain('No chat: blocking time 10 ms, longest task 20 ms, LCP 30 ms. ');
    expect(told).toContain(FACADE);
  });

  it('draws all bars to one scale', () => {
    const widths = [...picture.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(15);
    const longest = Math.max(...widths);
    expect(widths.map((width) => Math.round((400 * width) / longest))).toEqual(
      [
        [1, 2, 3].map((n) => n * 10),
        ...[100, 50, 20].map((scale) => [1, 2, 3, 4].map((n) => n * scale)),
      ].flat(),
    );
  });

  it('is not there without the rows, and fails where one is missing or reads otherwise', () => {
    expect(pagePicture('| Warm | 1 |')).toMatch(/^Not measured yet/);
    expect(() => pagePicture(results.replace('Page: LCP |', 'Page: paint |'))).toThrow(
      'no row of a page’s LCP',
    );
    expect(() => pagePicture(results.replace('snippet 100 ms', 'snippet fast'))).toThrow('snippet fast');
  });
});

describe('The picture of the soak', () => {
  const soak = (minutes: number) => ({ minutes, perMinute: 300, samples: [{ requests: 9, failed: 0 }] });
  const svg = '<svg viewBox="0 0 1 1"><text x="1">heap: 3</text><text x="1">keys: 4</text></svg>\n';

  it('says how long the run was, and that minutes are no hour', () => {
    expect(soakPicture(soak(3), svg)).toContain(
      'for **3 minutes**: 9 requests, 0 failed. `pnpm soak` takes an hour',
    );
    expect(soakPicture(soak(60), svg)).not.toContain('an hour');
    expect(soakPicture(soak(3), svg)).toContain('aria-label="heap: 3; keys: 4"');
  });
});
