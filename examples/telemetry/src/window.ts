import type { Sample } from './sample.ts';
import { mean } from './stats.ts';

/** Means over windows of `width` milliseconds, aligned to the epoch. */
export function windowMeans(samples: readonly Sample[], width: number): Map<number, number> {
  const windows = new Map<number, number[]>();
  for (const { at, value } of samples) {
    const start = Math.floor(at / width) * width;
    windows.set(start, [...(windows.get(start) ?? []), value]);
  }
  return new Map([...windows].map(([start, values]) => [start, mean(values)]));
}
