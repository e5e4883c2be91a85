import type { TenantId } from '#domain/ids.ts';
import type { QueuedJob } from '#qos/ports.ts';
import type { Scheduler } from '#qos/index.ts';

// The usual orders, to compare with. Neither knows weights or costs.

/** First in, first out. */
export function fifo(): Scheduler {
  const jobs: QueuedJob[] = [];
  let head = 0;
  return {
    setWeight: nothing,
    enqueue: (job) => jobs.push(job),
    dispatch: () => jobs[head++],
    charge: nothing,
    settle: nothing,
  };
}

/** One job of each tenant in turn. */
export function roundRobin(): Scheduler {
  const lines = new Map<TenantId, QueuedJob[]>();
  return {
    setWeight: nothing,
    enqueue: (job) => {
      const line = lines.get(job.tenant) ?? [];
      lines.set(job.tenant, [...line, job]);
    },
    dispatch: () => {
      for (const [tenant, line] of lines) {
        // Whoever had its turn goes to the end of the map.
        lines.delete(tenant);
        lines.set(tenant, line.slice(1));
        if (line[0]) return line[0];
      }
      return undefined;
    },
    charge: nothing,
    settle: nothing,
  };
}

function nothing(): void {
  // These orders do not listen.
}
