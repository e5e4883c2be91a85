import { type Millis, millis } from './clock.ts';

/** Milliseconds of each unit, smallest first. */
export const DURATION_UNITS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `20s`, `1.5m`, `250ms`, `2h`, `7d` to milliseconds. */
export function parseDuration(text: string): Millis {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = DURATION_UNITS[match?.[2] ?? ''];
  if (match === null || unit === undefined) throw new SyntaxError(`"${text}" is not a duration such as 20s, 5m or 7d`);
  return millis(Number(match[1]) * unit);
}

/** `250 ms`, `3.2 s`, `4 min`, `2.5 h`, `3 d`: short, for tables. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}
