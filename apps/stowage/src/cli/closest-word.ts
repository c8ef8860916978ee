/**
 * The word that was probably meant: few letters left out, added, changed or swapped; or one that begins with what was
 * written. `undefined` where none is near.
 */
export function closestWord(written: string, words: readonly string[]): string | undefined {
  const wanted = written.toLowerCase();
  const ranked = words
    .map((word) => ({ word, distance: editDistance(wanted, word) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (best && best.distance <= Math.max(1, Math.floor(wanted.length / 3))) return best.word;
  return wanted.length >= 2 ? words.find((word) => word.startsWith(wanted)) : undefined;
}

/** Optimal string alignment distance. Only for words a person types: anything long is far from everything. */
function editDistance(a: string, b: string): number {
  if (a.length > 64) return a.length;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row += 1) {
    const above = rows[row - 1] ?? [];
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      const costs = [
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + changed,
      ];
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        costs.push((rows[row - 2]?.[column - 2] ?? 0) + 1);
      current.push(Math.min(...costs));
    }
    rows.push(current);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
