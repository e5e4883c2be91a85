/** One reading of one sensor; time in milliseconds since the epoch. */
export interface Sample {
  readonly sensor: string;
  readonly at: number;
  readonly value: number;
}

export function isSample(value: unknown): value is Sample {
  if (typeof value !== 'object' || value === null) return false;
  const { sensor, at, value: reading } = value as Partial<Sample>;
  return typeof sensor === 'string' && typeof at === 'number' && typeof reading === 'number';
}
