import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { listCards, readAllEvents } from '#adapters/sql/index.ts';
import type { RunContext } from '#agents/index.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { createTenant, type TenantSettings, tenantDefaults } from '#app/tenants/tenants.ts';
import { Worker } from '#app/worker.ts';
import type { Event } from '#domain/event.ts';
import type { Repository } from '#domain/repository.ts';
import type { Priority, Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { NO_USAGE } from '#domain/usage.ts';
import { type NanoUsd, usd } from '#kernel/money.ts';

export const ADA = person('ada');

/**
 * A whole installation in a folder of its own, with real store, queue, ledger, journal and git. Its work is a script: as
 * many steps as the parameter says, each of which takes `stepMs` and is noted; it changes nothing.
 */
export class Place implements AsyncDisposable {
  readonly house: House;
  /** Milliseconds that one step of the scripted work takes. */
  stepMs = 200;
  /** `<task> <step>` for each step whose work began, in order, with its time. */
  readonly began: { readonly step: string; readonly at: number }[] = [];
  /** By tenant: nano-dollars that each step of its work claims to have cost, whatever is true. */
  readonly lies = new Map<string, number>();
  readonly #dir: string;
  readonly #opened: House & AsyncDisposable;
  readonly #repos = new Map<string, Repository>();
  readonly #source: string;

  private constructor(dir: string, opened: House & AsyncDisposable, more: Partial<House>) {
    this.#dir = dir;
    this.#opened = opened;
    this.#source = sourceIn(dir);
    const runner = { kind: 'recipe', problems: () => [], run: (context: RunContext) => this.#work(context) };
    const runners = new Map([
      ['recipe', runner],
      ['scripted', { ...runner, kind: 'scripted' }],
    ]);
    const door = opened.models;
    const models: House['models'] = {
      problem: () => undefined, // the scripted agent asks no model, so that none is connected does not matter
      open: (request) => door.open(request),
      socket: (access) => door.socket(access),
      used: (run) => door.used(run),
      close: (request) => door.close(request),
      servedBy: (serve) => door.servedBy(serve),
    };
    this.house = { ...opened, runners, models, workers: 2, ...more };
  }

  /** `config`: what stands in `config.yaml` of the data directory. */
  static async open(more: Partial<House> = {}, config = ''): Promise<Place> {
    const dir = mkdtempSync(join(tmpdir(), 'maestro-qos-'));
    mkdirSync(join(dir, 'data'));
    writeFileSync(join(dir, 'data', 'config.yaml'), config);
    return new Place(dir, await openHouse({ dataDir: join(dir, 'data') }), more);
  }

  async tenant(id: string, settings: Partial<TenantSettings> = {}): Promise<Tenant> {
    const tenant = await createTenant(this.house, { ...tenantDefaults(this.house, id), ...settings }, ADA);
    const { repo } = await addRepo(this.house, { tenant, origin: this.#source, name: 'repo', by: ADA });
    this.#repos.set(id, repo);
    return tenant;
  }

  async submit(
    tenant: Tenant,
    what: { steps?: number; priority?: Priority; maxNano?: NanoUsd; agent?: boolean } = {},
  ): Promise<Task> {
    const { steps = 1, priority = 'lo', maxNano = usd(0.05), agent = false } = what;
    const repo = this.#repos.get(tenant.id);
    if (repo === undefined) throw new Error(`no repository of ${tenant.id}`);
    const work = agent
      ? ({ kind: 'agent', name: 'scripted', prompt: `${steps}` } as const)
      : ({ kind: 'recipe', name: 'script', params: { steps: `${steps}` } } as const);
    return submit(this.house, { tenant, repo, work, priority, maxNano, by: ADA });
  }

  /** Works until `until` says true; throws after the limit. */
  async work(until: () => Promise<boolean>, limitMs = 60_000, more: Partial<House> = {}): Promise<void> {
    const stop = new AbortController();
    const working = new Worker({ ...this.house, ...more }, this.house.workers).run(stop.signal);
    try {
      await eventually(until, limitMs);
    } finally {
      stop.abort();
      await working;
    }
  }

  async events(...types: Event['type'][]): Promise<Event[]> {
    const all = await readAllEvents(this.house.store.truth, { after: 0, limit: 10_000 });
    return all.filter(({ type }) => types.includes(type));
  }

  /** All that people of one tenant read: its events and its cards. */
  async toldTo({ id }: Tenant): Promise<readonly unknown[]> {
    const { truth } = this.house.store;
    const all = await readAllEvents(truth, { after: 0, limit: 10_000 });
    return [...all.filter(({ tenant }) => tenant === id), ...(await listCards(truth, { tenant: id, limit: 1000 }))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #work(context: RunContext): Promise<{ kind: 'no_change'; summary: string }> {
    const { work } = context.task;
    const steps = Number(work.kind === 'recipe' ? work.params['steps'] : work.prompt);
    for (let i = 0; i < steps; i++) {
      await context.step(`s${i}`, async (signal) => {
        this.began.push({ step: `${context.task.id} ${i}`, at: Date.now() });
        await pause(this.stepMs, undefined, { signal });
        // The cast is what the lie is: a number that is no amount of money.
        const costNano = (this.lies.get(context.task.tenant) ?? 0) as NanoUsd;
        return { result: i, usage: { ...NO_USAGE, costNano } };
      });
    }
    return { kind: 'no_change', summary: 'the script changes nothing' };
  }
}

export async function eventually(is: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`not so within ${limitMs} ms`);
    await pause(50);
  }
}

/** A repository whose tests need nothing. */
function sourceIn(dir: string): string {
  const source = join(dir, 'source');
  const git = (...args: string[]): void => void execFileSync('git', args, { stdio: 'ignore' });
  git('init', '-q', '-b', 'main', source);
  writeFileSync(join(source, 'package.json'), '{"name":"empty","scripts":{"test":"node -e 0"}}\n');
  git('-C', source, 'add', '-A');
  git('-C', source, '-c', 'user.name=T', '-c', 'user.email=t@localhost', 'commit', '-qm', 'first');
  return source;
}
