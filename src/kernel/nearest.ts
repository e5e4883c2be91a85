/** The candidates that look most like a mistyped word, best first: at most `most`, none that differs in over a third of its letters. */
export function nearest(word: string, candidates: Iterable<string>, most = 3): readonly string[] {
  const close: { readonly text: string; readonly distance: number }[] = [];
  for (const text of new Set(candidates)) {
    const bound = Math.max(1, Math.floor(Math.max(word.length, text.length) / 3));
    if (text === word || Math.abs(text.length - word.length) > bound) continue;
    const distance = editDistance(word.toLowerCase(), text.toLowerCase());
    if (distance <= bound) close.push({ text, distance });
  }
  close.sort((a, b) => a.distance - b.distance || (a.text < b.text ? -1 : 1));
  return close.slice(0, most).map((each) => each.text);
}

/** `Did you mean "a" or "b"?`, or nothing where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near.length === 0 ? '' : `Did you mean ${near.map((text) => `"${text}"`).join(' or ')}?`;
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment distance). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(before, j - 2) + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
