import type { Sample } from './sample.ts';

/** Nearest-rank percentile of the values; `rank` in (0, 100]. */
export function percentile(values: readonly number[], rank: number): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.slice().sort((a, b) => a - b);
  return sorted[Math.ceil((rank / 100) * sorted.length) - 1]!;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function bySensor(samples: readonly Sample[]): Map<string, Sample[]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.sensor);
    if (group === undefined) groups.set(sample.sensor, [sample]);
    else group.push(sample);
  }
  return groups;
}
