import { EVERYWHERE, type Role } from '#domain/grant.ts';
import { createKey } from '#app/access/keys.ts';
import { createWebhook } from '#app/webhooks/webhooks.ts';
import { issueKey } from '#app/gateway/keys.ts';
import { person } from '#app/governance/principals.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { millis } from '#kernel/clock.ts';
import { platform } from '#app/access/platform.ts';
import type { RouteName, Routes } from '#api/index.ts';
import type { z } from 'zod';
import type { Place, Team } from './place.ts';
import { ROOT } from './place.ts';

/** What one request of the matrix is made with; `path` is what the path names. */
export interface Sample {
  readonly path?: { readonly [name: string]: string };
  readonly body?: unknown;
}

type Body<Name extends RouteName> = z.input<Routes[Name]['body']>;

/** Where a request is sent to: one team, as the holder of one role. */
export interface Aim {
  readonly place: Place;
  readonly team: Team;
  readonly role: Role;
}

let count = 0;

const body = <Name extends RouteName>(of: Body<Name>): Body<Name> => of;

const none = (): Sample => ({});
const inTenant = ({ team }: Aim): Sample => ({ path: { tenant: team.tenant.id } });
const ofTask = ({ team }: Aim): Sample => ({ path: { tenant: team.tenant.id, task: team.task.id } });
const ofChange = ({ team }: Aim): Sample => ({ path: { tenant: team.tenant.id, change: team.change.id } });

/** A key that may be ended, of the holder of the role itself. */
async function spareKey({ place, team, role }: Aim): Promise<Sample> {
  const everywhere = role === 'platform-admin';
  const where = everywhere ? platform(place.house) : team.tenant;
  const made = await createKey(place.house, where, {
    for: `human:${team.tenant.id}-${role}`,
    roles: ['viewer'],
    by: ROOT,
  });
  return { path: { tenant: everywhere ? EVERYWHERE : team.tenant.id, key: made.key.id } };
}

/** A key for models that may be ended, of the holder of the role itself. */
async function spareModelKey({ place, team, role }: Aim): Promise<Sample> {
  const { house } = place;
  const by = person(`${team.tenant.id}-${role}`);
  const asked = { models: [], capNano: null, priority: 'lo', expiresAt: millis(house.clock.now() + 60_000) } as const;
  const { key } = await issueKey(house, team.tenant, asked, by);
  return { path: { tenant: team.tenant.id, key: key.id } };
}

/** A tenant that may go, where somebody asks who may erase it. */
async function spareTenant({ place, team, role }: Aim): Promise<Sample> {
  if (role !== 'platform-admin') {
    return { path: { tenant: team.tenant.id }, body: body<'eraseTenant'>({ confirm: team.tenant.id }) };
  }
  const { id } = await createTenant(place.house, tenantDefaults(place.house, `spare-${++count}`), ROOT);
  return { path: { tenant: id }, body: body<'eraseTenant'>({ confirm: id }) };
}

const OVERRIDE = { action: 'change.push', codes: ['PATH_DENIED'], reason: 'urgent', forMs: 60_000 };

async function ofWebhook({ place, team }: Aim): Promise<Sample> {
  const asked = { url: 'http://127.0.0.1:1/none', types: [], by: ROOT };
  const { webhook } = await createWebhook(place.house, team.tenant, asked);
  return { path: { tenant: team.tenant.id, webhook: webhook.id } };
}

/** One request for each row of the table: a row without one is a type error here. */
export const SAMPLES: { readonly [Name in RouteName]: (aim: Aim) => Sample | Promise<Sample> } = {
  health: none,
  whoAmI: none,
  status: none,
  showConfig: none,
  listRecipes: none,
  explainCode: () => ({ path: { code: 'TASK_STATE' } }),
  listPrincipals: inTenant,
  setRoles: ({ team }) => ({
    path: { tenant: team.tenant.id, principal: 'service:sample' },
    body: body<'setRoles'>({ roles: ['viewer'] }),
  }),
  disablePrincipal: ({ team }) => ({
    path: { principal: `human:${team.tenant.id}-viewer` },
    body: body<'disablePrincipal'>({ disabled: false }),
  }),
  listKeys: inTenant,
  createKey: (aim) => ({ ...inTenant(aim), body: body<'createKey'>({ roles: ['viewer'] }) }),
  rotateKey: async (aim) => ({ ...(await spareKey(aim)), body: body<'rotateKey'>({ overlapMs: 0 }) }),
  revokeKey: spareKey,
  listTenants: none,
  createTenant: () => ({ body: body<'createTenant'>({ id: `made-${++count}` }) }),
  showTenant: inTenant,
  changeTenant: (aim) => ({ ...inTenant(aim), body: body<'changeTenant'>({ policy: { autonomy: 'propose' } }) }),
  listRepos: inTenant,
  addRepo: (aim) => ({ ...inTenant(aim), body: body<'addRepo'>({ origin: 'https://127.0.0.1:1/none.git' }) }),
  showBudget: inTenant,
  topUpBudget: (aim) => ({ ...inTenant(aim), body: body<'topUpBudget'>({ amountUsd: 1 }) }),
  listBudgets: none,
  checkPolicy: (aim) => ({
    ...inTenant(aim),
    body: body<'checkPolicy'>({ action: 'task.submit', resource: { kind: 'task', id: 'x' } }),
  }),
  listDecisions: inTenant,
  showDecision: ({ team }) => ({ path: { tenant: team.tenant.id, decision: team.decision } }),
  listEvents: inTenant,
  streamEvents: inTenant,
  listTasks: inTenant,
  submitTask: (aim) => ({
    ...inTenant(aim),
    body: body<'submitTask'>({
      repo: 'greeting',
      work: { kind: 'recipe', name: 'rename-api', params: { from: 'greet', to: 'hail' } },
    }),
  }),
  showTask: ofTask,
  listTests: ofTask,
  cancelTask: ofTask,
  retryTask: ofTask,
  showEvidence: ofTask,
  exportEvidence: ofTask,
  verifyEvidence: ofTask,
  listChanges: inTenant,
  inbox: inTenant,
  showChange: ofChange,
  changeDiff: ofChange,
  approveChange: ofChange,
  rejectChange: (aim) => ({ ...ofChange(aim), body: body<'rejectChange'>({ why: 'no' }) }),
  listWebhooks: inTenant,
  addWebhook: (aim) => ({ ...inTenant(aim), body: body<'addWebhook'>({ url: 'https://hooks.example.org/x' }) }),
  testWebhook: ofWebhook,
  removeWebhook: ofWebhook,
  listOverrides: inTenant,
  requestOverride: (aim) => ({ ...inTenant(aim), body: body<'requestOverride'>(OVERRIDE) }),
  approveOverride: ({ team }) => ({ path: { tenant: team.tenant.id, override: team.override } }),
  revokeOverride: ({ team }) => ({ path: { tenant: team.tenant.id, override: team.override } }),
  stop: inTenant,
  resume: inTenant,
  listWorkers: none,
  listPools: none,
  setWorker: () => ({ path: { worker: 'sample' }, body: body<'setWorker'>({ wanted: 'serving' }) }),
  listObjectives: inTenant,
  listAutonomy: inTenant,
  setBudget: () => ({ path: { scope: 'org' }, body: body<'setBudget'>({ capUsd: 1000 }) }),
  topUpScope: () => ({ path: { scope: 'org' }, body: body<'topUpScope'>({ amountUsd: 1 }) }),
  showModels: inTenant,
  listModels: inTenant,
  listModelKeys: inTenant,
  createModelKey: (aim) => ({ ...inTenant(aim), body: body<'createModelKey'>({ maxUsd: 1 }) }),
  revokeModelKey: spareModelKey,
  searchAudit: inTenant,
  exportAudit: inTenant,
  checkedEffects: inTenant,
  pruneAudit: () => ({ body: body<'pruneAudit'>({ before: 0 }) }),
  verifyLog: none,
  rehearsePolicy: none,
  exportConfig: none,
  planConfig: () => ({ body: body<'planConfig'>({ tenants: {} }) }),
  applyConfig: () => ({ body: body<'applyConfig'>({ tenants: {} }) }),
  rotateMasterKey: none,
  eraseTenant: spareTenant,
  searchPlugins: none,
  listPlugins: inTenant,
  installPlugin: (aim) => ({ ...inTenant(aim), body: body<'installPlugin'>({ reference: 'none.such' }) }),
  removePlugin: ({ team }) => ({ path: { tenant: team.tenant.id, plugin: 'none.such' } }),
  runPlugin: ({ team }) => ({
    path: { tenant: team.tenant.id, plugin: 'none.such' },
    body: body<'runPlugin'>({ input: {} }),
  }),
  trustPublisher: () => ({
    path: { publisher: 'sample' },
    body: body<'trustPublisher'>({ namespace: 'sample.', key: 'none' }),
  }),
  distrustPublisher: () => ({ path: { publisher: 'sample' } }),
  revokeModule: () => ({ path: { digest: '0'.repeat(64) }, body: body<'revokeModule'>({ because: 'sample' }) }),
  commentChange: (aim) => ({ ...ofChange(aim), body: body<'commentChange'>({ body: 'well' }) }),
};
