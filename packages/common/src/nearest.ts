// Finds what a misspelt word was meant to be.

/** The known words nearest to `wanted`, best first. */
export const nearest = (wanted: string, known: readonly string[], most: number): string[] =>
  known
    .map((word) => ({ word, distance: editDistance(wanted, word) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ word }) => word);

/** Levenshtein's distance, one row at a time. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] as number;
};
