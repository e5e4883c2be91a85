import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import type { CallReport, PluginCall, PluginRunner } from '#plugins/ports.ts';
import { confine } from './confine.ts';
import { RunnerProcess } from './process.ts';
import { lostCall } from './wire.ts';

const MOST_PROCESSES = 4;

export interface RunnerOptions {
  /** Worker threads of each process. */
  readonly workers: number;
  /** Path of bubblewrap; null to use Node's permission model instead. */
  readonly bwrap: string | null;
}

/** One confined process per workspace, started once and kept warm; a lost one is replaced by the next call. */
export class ConfinedPluginRunner implements PluginRunner {
  readonly #options: RunnerOptions;
  readonly #processes = new Map<string, RunnerProcess>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  get walls(): readonly string[] {
    return confine({ root: null, ...this.#options }).walls;
  }

  /** Process ids, for tests and for the doctor. */
  get pids(): readonly number[] {
    return [...this.#processes.values()].flatMap((one) => one.pid ?? []);
  }

  async call(call: PluginCall, signal: AbortSignal): Promise<CallReport> {
    if (call.root !== null && !existsSync(call.root)) return lostCall('RUNNER_LOST', `there is no folder ${call.root}`);
    return this.#process(call.root === null ? null : realpathSync(call.root)).call(call, signal);
  }

  async close(): Promise<void> {
    for (const process of this.#processes.values()) process.kill();
    this.#processes.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #process(root: string | null): RunnerProcess {
    const key = root ?? '';
    const known = this.#processes.get(key);
    this.#processes.delete(key);
    const process = known === undefined || known.dead ? new RunnerProcess({ root, ...this.#options }) : known;
    this.#processes.set(key, process);
    for (const [other, old] of this.#processes) {
      if (this.#processes.size <= MOST_PROCESSES) break;
      if (old.busy || old === process) continue;
      this.#processes.delete(other);
      old.kill();
    }
    return process;
  }
}

/** Where bubblewrap is on this machine; null when it is not there or, as in some containers, cannot make its namespaces. */
export function findBwrap(): string | null {
  const path = ['/usr/bin/bwrap', '/usr/local/bin/bwrap'].find((each) => existsSync(each));
  if (path === undefined) return null;
  const probe = ['--unshare-all', '--die-with-parent', '--ro-bind', '/', '/', '--proc', '/proc', 'true'];
  return spawnSync(path, probe, { stdio: 'ignore', timeout: 5000 }).status === 0 ? path : null;
}
