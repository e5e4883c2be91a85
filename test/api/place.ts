import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeTask } from '#adapters/sql/index.ts';
import { requestOverride } from '#app/governance/overrides.ts';
import { createKey } from '#app/access/keys.ts';
import { platform } from '#app/access/platform.ts';
import { giveRoles } from '#app/access/roles.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import type { Principal } from '#domain/action.ts';
import { type Role, ROLES } from '#domain/grant.ts';
import type { Change } from '#domain/change.ts';
import type { RunId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { serve } from '#server/serve.ts';
import { GREETING, repository } from '../e2e/maestro.ts';

/** One tenant with a repository, a task and a change that waits for a person. */
export interface Team {
  readonly tenant: Tenant;
  readonly task: Task;
  readonly change: Change;
  readonly decision: string;
  readonly override: string;
  /** A key for each role of this tenant, and one of a platform admin. */
  readonly keys: { readonly [role in Role]: string };
  /** Ids of the same keys. */
  readonly keyIds: { readonly [role in Role]: string };
}

export interface Place extends AsyncDisposable {
  readonly house: House;
  readonly url: string;
  readonly acme: Team;
  readonly umbra: Team;
}

export const ROOT: Principal = person('root');

/** A served house with two tenants that know nothing of each other. */
export async function openPlace(env: { readonly [name: string]: string } = {}, port = 0): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-api-'));
  const before = { ...process.env };
  Object.assign(process.env, { MAESTRO_WEBHOOK_HOSTS: '127.0.0.1', MAESTRO_REPO_HOSTS: '127.0.0.1' }, env);
  const house = await openHouse({ dataDir: join(dir, 'data') });
  const origin = await repository(join(dir, 'greeting'), GREETING);
  const acme = await team(house, 'acme', origin);
  const umbra = await team(house, 'umbra', origin);
  const served = await serve(house, { host: '127.0.0.1', port });
  return {
    house,
    url: served.url,
    acme,
    umbra,
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
      for (const name of ['MAESTRO_WEBHOOK_HOSTS', 'MAESTRO_REPO_HOSTS', ...Object.keys(env)]) delete process.env[name];
      Object.assign(process.env, before);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function team(house: House, id: string, origin: string): Promise<Team> {
  const tenant = await createTenant(house, tenantDefaults(house, id), ROOT);
  const { repo } = await addRepo(house, { tenant, origin, name: 'greeting', by: ROOT });
  const work = { kind: 'recipe', name: 'rename-api', params: { from: 'greet', to: `greet_${id}` } } as const;
  const task = await submit(house, { tenant, repo, work, priority: 'lo', key: `secret-${id}`, by: ROOT });
  const change = await house.forge.open({
    ...{ tenant: tenant.id, repo: repo.id, task: task.id, base: repo.head, head: repo.head },
    ...{ run: `run_${id}` as RunId, branch: `maestro/run_${id}`, title: `Rename in ${id}`, body: '' },
    author: ROOT.id,
  });
  await house.store.truth.tx((tx) => house.forge.setState(tx, change.id, 'needs_human', { asks: [] }));
  const asked = { action: 'change.push', codes: ['PATH_DENIED'], reason: 'urgent', forMs: 60_000, maxUses: 1 };
  const override = await requestOverride(house, { tenant, ...asked }, ROOT);
  await house.store.truth.tx(async (tx) => {
    const about = { tenant: tenant.id, id: task.id, reasons: [] };
    await changeTask(tx, { ...about, from: 'queued', to: 'running' });
    await changeTask(tx, { ...about, from: 'running', to: 'needs_human' });
  });
  const [decision] = await house.store.truth.all<{ id: string }>(
    'select id from policy_decision where tenant = $1 order by id limit 1',
    id,
  );
  const keys: { [role: string]: string } = {};
  const keyIds: { [role: string]: string } = {};
  for (const role of ROLES) {
    const where = role === 'platform-admin' ? platform(house) : tenant;
    const name = `human:${id}-${role}`;
    await giveRoles(house, where, { id: name, roles: [role], by: ROOT });
    const made = await createKey(house, where, { for: name, roles: [role], by: ROOT });
    keys[role] = made.text;
    keyIds[role] = made.key.id;
  }
  // The casts are true: the loop made one for each role.
  return {
    ...{ tenant, task, decision: decision?.id ?? '', override: override.id },
    change: { ...change, head: repo.head },
    keys: keys as Team['keys'],
    keyIds: keyIds as Team['keyIds'],
  };
}
