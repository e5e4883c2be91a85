/** Summary lines that say how many tests passed, one pattern for each family of test programs. */
const SUMMARIES: readonly RegExp[] = [
  /^(?:#|ℹ) pass (\d+)$/gm, // node:test, tap
  /^\s*Tests:?\s.*?(\d+) passed/gm, // vitest, jest
  /^\s*(\d+) passing\b/gm, // mocha
  /^\s*(\d+) tests? passed$/gm, // ava
  /^=+ .*?(\d+) passed.* =+$/gm, // pytest
  /^test result: \w+\. (\d+) passed;/gm, // cargo
];

/** Tests that passed, summed over every summary in the plain output; null when there is none that is known. */
export function countPassed(output: string): number | null {
  for (const summary of SUMMARIES) {
    const counts = [...output.matchAll(summary)].map((match) => Number(match[1]));
    if (counts.length > 0) return counts.reduce((sum, count) => sum + count, 0);
  }
  return null;
}
