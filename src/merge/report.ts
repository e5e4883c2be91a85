import { diff3 } from './text/diff3.ts';
import type { ConflictedFile } from './ports.ts';
import type { MergeRecord } from './record.ts';
import { linesOf } from './tree/trivia.ts';
import { Interner } from './tree/node.ts';

/** One merged file on the page. */
export interface ReportedMerge {
  readonly facts: Pick<MergeRecord, 'path' | 'tier' | 'rule' | 'confidence' | 'reasons'> &
    Partial<Pick<MergeRecord, 'gates' | 'digests'>>;
  /** The three versions and what came of them; absent where the file has not three texts. */
  readonly texts?: { readonly file: ConflictedFile; readonly merged: string };
}

/** One HTML page without scripts: for each file the record of its merge, then the two sides and the result beside each other. */
export function reportPage(merges: readonly ReportedMerge[]): string {
  const [first] = merges;
  const title = merges.length === 1 && first ? `Merge of ${first.facts.path}` : `Merge of ${merges.length} files`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body><h1>${escape(title)}</h1>
${merges.map((merge) => section(merge, merges.length > 1)).join('\n')}
</body></html>
`;
}

const STYLE = `body{font:14px system-ui;margin:2em}table{border-collapse:collapse;width:100%}.facts th{text-align:left;width:10em}
.facts td{font-family:monospace}.sides{table-layout:fixed;margin-top:1em}.sides td{vertical-align:top;white-space:pre-wrap;font:12px monospace;
border-bottom:1px solid #ddd;overflow-wrap:anywhere;padding:0 .5em}.changed td{background:#fff6da}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}.changed td{background:#3a3310}}`;

const RESULTS = Object.freeze({
  auto: 'resolved (auto)',
  suggest: 'proposed, a person confirms it (suggest)',
  leave: 'left to a person (leave)',
});

function section({ facts: of, texts }: ReportedMerge, isNamed: boolean): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Path', of.path],
    ['Result', RESULTS[of.tier]],
    ['Rule', of.rule],
    ['Confidence', of.confidence.toFixed(2)],
    ['Reasons', of.reasons.join('; ') || 'none'],
    [
      'Gates',
      (of.gates ?? []).map((gate) => `${gate.ok ? 'passed' : 'FAILED'} ${gate.gate} ${gate.detail}`).join('; ') ||
        'none ran',
    ],
    ...Object.entries(of.digests ?? {}).map(([name, digest]) => [`${name} SHA-256`, digest] as const),
  ];
  const rows = facts.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`);
  const sides = texts
    ? `<table class="sides"><thead><tr><th>ours</th><th>result</th><th>theirs</th></tr></thead><tbody>${sideRows(texts.file, texts.merged)}</tbody></table>`
    : '';
  return `${isNamed ? `<h2>${escape(of.path)}</h2>\n` : ''}<table class="facts">${rows.join('')}</table>\n${sides}`;
}

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
