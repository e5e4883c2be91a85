import type { BenchResult, BenchRow } from './result.ts';

const VERDICT = { true: 'met', false: 'MISSED', null: 'not measured' } as const;

/** A result for people: machine, rows, targets, verdict. */
export function asText(result: BenchResult): string {
  const { bench, seed, machine, rows, targets, ok } = result;
  const where = `${machine.cores} x ${machine.cpu}, ${Math.round(machine.memory / 2 ** 30)} GiB, ${machine.os}, Node ${machine.node}`;
  const verdicts = targets.map((each) => ({
    target: each.name,
    value: each.value,
    wanted: `${each.op} ${each.target}`,
    verdict: VERDICT[`${each.ok}`],
  }));
  const verdict = ok === null ? 'incomplete' : VERDICT[`${ok}`];
  return [`${bench}, seed ${seed}: ${verdict}`, where, '', ...table(rows), '', ...table(verdicts), ''].join('\n');
}

function table(rows: readonly BenchRow[]): readonly string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cell(value: BenchRow[string] | undefined): string {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
