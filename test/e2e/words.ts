import { join } from 'node:path';
import { expect } from 'vitest';
import { findTask } from '#adapters/sql/index.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { submit } from '#app/tasks/submit.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { Worker } from '#app/worker.ts';
import type { Repository } from '#domain/repository.ts';
import type { Task, TaskState } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';
import { repository, scratch } from './maestro.ts';

export const ada = person('ada');

/** An installation with one small repository, whose words `one` and `two` are there to be changed. */
export class Words implements AsyncDisposable {
  readonly house: House & AsyncDisposable;
  readonly tenant: Tenant;
  readonly repo: Repository;
  readonly #folder: Disposable;

  private constructor(folder: Disposable, parts: Pick<Words, 'house' | 'tenant' | 'repo'>) {
    this.#folder = folder;
    this.house = parts.house;
    this.tenant = parts.tenant;
    this.repo = parts.repo;
  }

  static async open(settings: Partial<Pick<Tenant, 'policy'>> = {}): Promise<Words> {
    const folder = scratch();
    const house = await openHouse({ dataDir: join(folder.dir, 'data') });
    const tenant = await createTenant(
      house,
      { ...tenantDefaults(house, 'acme'), budgetNano: usd(10), ...settings },
      ada,
    );
    const files = { 'a.js': 'one(1);\n', 'b.js': 'two(1);\n', 'check.js': 'console.log("# pass 1");\n' };
    const origin = await repository(join(folder.dir, 'words'), files);
    const added = { tenant, origin, name: 'words', testCommand: ['node', 'check.js'], by: ada };
    const { repo } = await addRepo(house, added);
    return new Words(folder, { house, tenant, repo });
  }

  async now({ tenant, id }: Task): Promise<Task> {
    const task = await findTask(this.house.store.truth, tenant, id);
    if (task === undefined) throw new Error(`no task ${id}`);
    return task;
  }

  /** Submits a change of every call of the word. */
  submit(word: string): Promise<Task> {
    const { house, tenant, repo } = this;
    const params = { pattern: `${word}($A)`, rewrite: `${word}($A, 2)`, language: 'javascript' };
    const work = { kind: 'recipe', name: 'codemod', params } as const;
    return submit(house, { tenant, repo, work, priority: 'lo', by: ada });
  }

  /** Works until the task has one of these states. */
  async workUntil(task: Task, states: readonly TaskState[], over: Partial<House> = {}): Promise<void> {
    const stop = new AbortController();
    const working = new Worker({ ...this.house, ...over }, 1).run(stop.signal);
    await expect.poll(async () => states.includes((await this.now(task)).state), { timeout: 60_000 }).toBe(true);
    stop.abort();
    await working;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
