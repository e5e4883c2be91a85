import type { Sample } from './sample.ts';
import { bySensor, percentile } from './stats.ts';

export interface Alert {
  readonly sensor: string;
  readonly p95: number;
}

/** Sensors whose 95th percentile is above the limit. */
export function alerts(samples: readonly Sample[], limit: number): Alert[] {
  const found: Alert[] = [];
  for (const [sensor, group] of bySensor(samples)) {
    const p95 = percentile(
      group.map(({ value }) => value),
      95,
    );
    if (p95 > limit) found.push({ sensor, p95 });
  }
  return found;
}
