import type { Pool } from '#app/qos/pools.ts';

const GAUGES = {
  backlog: 'Tasks that wait in a pool of workers.',
  running: 'Tasks of a pool that run.',
  workers: 'Workers that serve a pool.',
  slots: 'Tasks that the workers of a pool can run at the same time.',
} as const satisfies { readonly [gauge in keyof Pool]?: string };

/** Demand and supply of each pool in Prometheus' text format (version 0.0.4). Scale on `maestro_pool_load` or on its parts. */
export function poolMetrics(pools: readonly Pool[]): string {
  const lines: string[] = [];
  // The cast is true: these are the keys of the table.
  for (const [gauge, help] of Object.entries(GAUGES) as [keyof typeof GAUGES, string][]) {
    lines.push(`# HELP maestro_pool_${gauge} ${help}`, `# TYPE maestro_pool_${gauge} gauge`);
    for (const pool of pools) lines.push(`maestro_pool_${gauge}{pool="${pool.pool}"} ${pool[gauge]}`);
  }
  const load = 'maestro_pool_load';
  lines.push(`# HELP ${load} (backlog + running) / slots; +Inf when work waits and no worker serves.`);
  lines.push(`# TYPE ${load} gauge`);
  for (const pool of pools) {
    const alone = pool.backlog + pool.running === 0 ? '0' : '+Inf';
    lines.push(`${load}{pool="${pool.pool}"} ${pool.load ?? alone}`);
  }
  return `${lines.join('\n')}\n`;
}
