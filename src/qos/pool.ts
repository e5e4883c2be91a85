/** A label of a worker, and a need of a task: `gpu=true`. */
const LABEL = /^[a-z0-9](?:[a-z0-9._-]{0,30})=[A-Za-z0-9._-]{1,32}$/;

export function isLabel(word: string): boolean {
  return LABEL.test(word);
}

/** Name of the pool of workers that have these labels; '' is everyone. */
export function poolOf(needs: readonly string[] = []): string {
  return [...new Set(needs)].sort().join(',');
}

/** Whether a worker with these labels may serve a pool: it has every label that the pool names. */
export function fits(pool: string, labels: readonly string[]): boolean {
  return pool === '' || pool.split(',').every((label) => labels.includes(label));
}
