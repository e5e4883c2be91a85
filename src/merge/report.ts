import { diff3 } from './text/diff3.ts';
import type { ConflictedFile } from './ports.ts';
import type { RecordedResolution } from './record.ts';
import { linesOf } from './tree/trivia.ts';
import { Interner } from './tree/node.ts';

/** One HTML page without scripts: the record of a merge above, the two sides and the result beside each other below. */
export function reportPage(file: ConflictedFile, resolution: RecordedResolution): string {
  const { record } = resolution;
  const facts: readonly (readonly [string, string])[] = [
    ['Path', record.path],
    ['Result', `${resolution.status}, ${resolution.tier}`],
    ['Rule', record.rule],
    ['Confidence', record.confidence.toFixed(2)],
    ['Reasons', resolution.reasons.join('; ') || 'none'],
    [
      'Gates',
      record.gates.map((gate) => `${gate.ok ? 'passed' : 'FAILED'} ${gate.gate} ${gate.detail}`).join('; ') ||
        'none ran',
    ],
    ...Object.entries(record.digests).map(([name, digest]) => [`${name} SHA-256`, digest] as const),
  ];
  const rows = facts.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Merge of ${escape(record.path)}</title><style>${STYLE}</style></head>
<body><h1>Merge of ${escape(record.path)}</h1>
<table class="facts">${rows.join('')}</table>
<table class="sides"><thead><tr><th>ours</th><th>result</th><th>theirs</th></tr></thead><tbody>${sideRows(file, resolution.text)}</tbody></table>
</body></html>
`;
}

const STYLE = `body{font:14px system-ui;margin:2em}table{border-collapse:collapse;width:100%}.facts th{text-align:left;width:10em}
.facts td{font-family:monospace}.sides{table-layout:fixed;margin-top:1em}.sides td{vertical-align:top;white-space:pre-wrap;font:12px monospace;
border-bottom:1px solid #ddd;overflow-wrap:anywhere;padding:0 .5em}.changed td{background:#fff6da}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}.changed td{background:#3a3310}}`;

/** Stretches that all three share stand once a row; a row is marked where a side differs from the result. */
function sideRows(file: ConflictedFile, merged: string): string {
  const lines = { base: linesOf(merged), ours: linesOf(file.ours), theirs: linesOf(file.theirs) };
  const interner = new Interner();
  const ids = (list: readonly string[]): number[] => list.map((line) => interner.id(line.trimEnd()));
  return diff3(ids(lines.base), ids(lines.ours), ids(lines.theirs))
    .map((chunk) => {
      const cells = [
        lines.ours.slice(...chunk.ours),
        lines.base.slice(...chunk.base),
        lines.theirs.slice(...chunk.theirs),
      ];
      const row = cells.map((cell) => `<td>${escape(cell.join(''))}</td>`).join('');
      return `<tr${chunk.kind === 'same' ? '' : ' class="changed"'}>${row}</tr>`;
    })
    .join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
