import { formatDuration } from '#kernel/duration.ts';

/** One tenant of a plot: quantiles of its waits in milliseconds, parts of the slots got and due. */
interface PlotRow {
  readonly tenant: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly shareGot: number;
  readonly shareDue: number;
}

export interface Plot {
  readonly title: string;
  /** Waits up to here are in time. */
  readonly targetMs: number;
  readonly rows: readonly PlotRow[];
}

const ROW = 30;
const TOP = 104;
const NAMES = 150;
const WAITS = { from: NAMES, to: 510 } as const;
const SHARES = { from: 620, to: 900 } as const;
const WIDTH = 960;
const TICKS_MS = [1000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000];

/** Waits (left, logarithmic) and shares (right) of each tenant as one SVG document, readable on light and on dark paper. */
export function plotSvg({ title, targetMs, rows }: Plot): string {
  const height = TOP + rows.length * ROW + 60;
  const longest = Math.max(targetMs * 2, 20_000, ...rows.map(({ p99Ms }) => p99Ms));
  const x = (ms: number): number => {
    const part = Math.log10(1 + Math.max(0, ms) / 1000) / Math.log10(1 + longest / 1000);
    return WAITS.from + part * (WAITS.to - WAITS.from);
  };
  const most = Math.max(0.1, ...rows.flatMap(({ shareGot, shareDue }) => [shareGot, shareDue]));
  const s = (share: number): number => SHARES.from + (share / most) * (SHARES.to - SHARES.from);
  const bottom = TOP + rows.length * ROW;
  const axis = TICKS_MS.filter((ms) => ms <= longest).map((ms) => tick(x(ms), bottom, formatDuration(ms)));
  const shareTicks = [0, most / 2, most].map((share) => tick(s(share), bottom, `${Math.round(share * 100)} %`));
  const lines = rows.map((row, i) => line(row, TOP + i * ROW, { x, s }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${text(title)}">
<style>
svg { background: #fff; color: #1f2328; font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { background: #0d1117; color: #e6edf3; } }
text { fill: currentColor; } .head { font-weight: 600; } .soft { opacity: .65; font-size: 11px; }
.grid { stroke: currentColor; opacity: .15; } .late { stroke: #cf222e; stroke-dasharray: 4 3; }
.p50 { fill: #0969da; } .p95 { fill: #0969da; opacity: .55; } .p99 { fill: #0969da; opacity: .25; }
.got { fill: #1a7f37; opacity: .7; } .due { stroke: currentColor; stroke-width: 2; }
</style>
<text x="16" y="26" class="head" font-size="16">${text(title)}</text>
<text x="${WAITS.from}" y="58" class="head">Wait for a slot</text>
${legend(WAITS.from, 78, [
  ['p50', '50 %'],
  ['p95', '95 %'],
  ['p99', '99 % of the tasks waited at most this long'],
])}
<text x="${SHARES.from}" y="58" class="head">Part of the slots</text>
${legend(SHARES.from, 78, [['got', 'got']])}<line class="due" x1="${SHARES.from + 52}" x2="${SHARES.from + 52}" y1="68" y2="80"/><text x="${SHARES.from + 60}" y="78" class="soft">due</text>
${[...axis, ...shareTicks].join('\n')}
<line class="late" x1="${x(targetMs)}" x2="${x(targetMs)}" y1="${TOP - 8}" y2="${bottom}"/>
<text x="${x(targetMs) + 4}" y="${bottom + 34}" class="soft" fill="#cf222e">in time: ${text(formatDuration(targetMs))}</text>
${lines.join('\n')}
</svg>
`;
}

function line(
  row: PlotRow,
  y: number,
  { x, s }: { readonly x: (ms: number) => number; readonly s: (share: number) => number },
): string {
  const bar = (kind: string, from: number, to: number, thick: number): string =>
    `<rect class="${kind}" x="${from.toFixed(1)}" y="${y + (ROW - 8 - thick) / 2}" width="${Math.max(1, to - from).toFixed(1)}" height="${thick}"/>`;
  const due = s(row.shareDue).toFixed(1);
  return [
    `<text x="${NAMES - 12}" y="${y + 15}" text-anchor="end">${text(row.tenant.slice(0, 20))}</text>`,
    bar('p99', x(0), x(row.p99Ms), 18),
    bar('p95', x(0), x(row.p95Ms), 12),
    bar('p50', x(0), x(row.p50Ms), 6),
    `<text x="${(x(row.p99Ms) + 6).toFixed(1)}" y="${y + 15}" class="soft">95 %: ${text(formatDuration(row.p95Ms))}</text>`,
    bar('got', s(0), s(row.shareGot), 14),
    `<line class="due" x1="${due}" x2="${due}" y1="${y}" y2="${y + 22}"/>`,
    `<text x="${(Math.max(s(row.shareGot), s(row.shareDue)) + 6).toFixed(1)}" y="${y + 15}" class="soft">${(row.shareGot * 100).toFixed(1)} %</text>`,
  ].join('');
}

function tick(at: number, bottom: number, label: string): string {
  const x = at.toFixed(1);
  return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP - 8}" y2="${bottom}"/><text x="${x}" y="${bottom + 16}" text-anchor="middle" class="soft">${text(label)}</text>`;
}

function legend(at: number, y: number, entries: readonly (readonly [string, string])[]): string {
  let x = at;
  return entries
    .map(([kind, label]) => {
      const entry = `<rect class="${kind}" x="${x}" y="${y - 9}" width="12" height="10"/><text x="${x + 16}" y="${y}" class="soft">${text(label)}</text>`;
      x += 30 + label.length * 6;
      return entry;
    })
    .join('');
}

function text(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
