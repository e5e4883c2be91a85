const LINES = 3;
const CHARACTERS = 160;
const TELLS = /\b(?:FAIL(?:ED|S|URE)?|fail(?:ed|ing|ure)?|[A-Z]\w*Error|error)\b|^\s*(?:not ok|[✖×✗●])/;

/** The lines of a test's output that say what went wrong, for one line on a card; else the last ones. */
export function tellingLines(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim().replace(/ \(\d+(?:\.\d+)? ?m?s\)$/, ''))
    .filter((line) => line !== '');
  const telling = lines.filter((line) => TELLS.test(line) && !/\b0 fail|^[ℹ#] /.test(line));
  const chosen = telling.length > 0 ? telling.slice(0, LINES) : lines.slice(-LINES);
  return chosen.map((line) => line.slice(0, CHARACTERS)).join(' | ');
}
