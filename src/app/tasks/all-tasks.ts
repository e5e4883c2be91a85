import { listTasks, listTenants } from '#adapters/sql/index.ts';
import type { Task } from '#domain/task.ts';
import type { House } from '../house.ts';

const PAGE = 1000;

/** The tasks of every tenant, for the platform's own pages and checks. */
export async function allTasks(house: House): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for (const { id } of await listTenants(house.store.truth)) {
    let page: Task[];
    do {
      const after = tasks.at(-1);
      const from = after?.tenant === id ? { after: after.id } : {};
      page = await listTasks(house.store.truth, { tenant: id, limit: PAGE, ...from });
      tasks.push(...page);
    } while (page.length === PAGE);
  }
  return tasks;
}
