import type { ActionName } from '#domain/action.ts';
import type { Exception } from './reach.ts';

/**
 * What calling it does. `read`: nothing. `own`: the conductor's own books (order of the queue, folders of a run, what was
 * spent, what happened), no act of a tenant. Otherwise the actions one of which must have been decided before.
 */
export type Kind = 'read' | 'own' | readonly ActionName[];

/** Every member of the ports through which something happens outside of the program, by file and type. */
export const PORTS: { readonly [port: string]: { readonly [member: string]: Kind } } = {
  'src/train/ports.ts#Forge': {
    head: 'read',
    pushBranch: ['change.push'],
    open: ['change.propose'],
    find: 'read',
    list: 'read',
    setState: ['change.propose', 'change.approve', 'change.reject', 'change.land'],
    closeOpen: ['task.cancel'],
    setCheck: ['change.propose'],
    checks: 'read',
    comment: ['change.comment'],
    comments: 'read',
    twins: 'read',
    moveBranch: ['change.land'],
  },
  'src/train/ports.ts#LandingLine': { depth: 'read', put: 'own', places: 'read' },
  'src/train/ports.ts#Locks': { remake: ['environment.build'] },
  'src/qos/ports.ts#Ledger': {
    setCap: ['tenant.create', 'tenant.update', 'tenant.rules', 'budget.topup', 'task.submit', 'key.create'],
    reserve: ['task.submit', 'task.retry', 'change.approve'],
    settle: 'own',
    correct: 'own',
    balance: 'read',
    openHolds: 'read',
  },
  'src/qos/ports.ts#JobQueue': {
    setWeight: 'own',
    setServed: 'own',
    removeTenant: 'own',
    enqueue: 'own',
    claim: 'own',
    renew: 'own',
    charge: 'own',
    settle: 'own',
    requeue: 'own',
    remove: 'own',
    expire: 'own',
    absent: 'read',
    position: 'read',
    counts: 'read',
  },
  'src/gateway/ports.ts#Upstream': { send: ['model.call'] },
  'src/gateway/ports.ts#Holds': { take: 'own', settle: 'own' },
  'src/gateway/ports.ts#AnswerCache': { find: 'read', keep: 'own' },
  'src/gateway/ports.ts#CallBook': { open: 'own', end: 'own', written: 'own' },
  'src/agents/ports.ts#Environments': {
    plan: 'read',
    ensure: ['environment.build'],
    remakeLock: ['environment.build'],
  },
  'src/agents/ports.ts#ModelDoor': { problem: 'read', open: 'own', socket: 'own', used: 'read', close: 'own' },
  'src/agents/ports.ts#Chat': { ask: ['model.call'] },
  'src/agents/ports.ts#Plans': { choose: 'read', place: 'read' },
  'src/agents/runner.ts#Runner': { kind: 'read', conduct: 'read', problems: 'read', run: ['run.command'] },
  'src/domain/sandbox.ts#Sandbox': { profile: 'read', run: ['run.command'], userOf: 'read' },
  'src/app/plugin/desk.ts#PluginDesk': {
    list: 'read',
    prove: 'read',
    run: ['plugin.load'],
    plan: 'read',
    install: ['plugin.install'],
    remove: ['plugin.install'],
    revoke: ['plugin.trust'],
    sbom: 'read',
    parts: 'read',
  },
  'src/app/house.ts#House.verify': { test: ['run.command'] },
  'src/app/house.ts#House.testOutputs': { find: 'read' },
  'src/app/house.ts#House.imports': { add: ['repo.add'], reachOf: 'read' },
};

/** What writes rows for a tenant, of `src/adapters/sql/index.ts`. */
export const STATEMENTS: { readonly [name: string]: Kind } = {
  addTenant: ['tenant.create'],
  updateTenant: ['tenant.update', 'tenant.rules', 'budget.topup'],
  addRepository: ['repo.add'],
  moveRecordedHead: ['change.land'],
  addTask: ['task.submit'],
  changeTask: 'own',
  addCard: 'own',
  addPreemption: 'own',
  addPreemptionOrder: 'own',
  addStarts: 'own',
  addStopOrder: ['tenant.stop'],
  deleteStopOrder: ['tenant.resume'],
  deleteAlert: 'own',
  deleteLandingPlace: 'own',
  deleteLostPlaces: 'own',
  deleteMeasure: 'own',
  deleteOldMinutes: 'own',
  deleteTaskWait: 'own',
  putAlert: 'own',
  putMeasure: 'own',
  putRung: 'own',
  putTaskWait: 'own',
  addPrincipal: ['principal.set'],
  setRoles: ['principal.set'],
  setDisabled: ['principal.disable'],
  addKey: ['key.create'],
  addWebhook: ['webhook.add'],
  deleteWebhook: ['webhook.remove'],
  updateWebhookAfter: 'own',
  updateWebhookStopped: 'own',
  updateKeyEnd: ['key.create', 'key.revoke'],
  updateKeyUse: 'own',
  addSession: 'own',
  deleteSession: 'own',
  addIdempotentRequest: 'own',
  setIdempotentAnswer: 'own',
  deleteIdempotentBefore: 'own',
  deleteDeliveredMessages: 'own',
  appendEvent: 'own',
  recordDecision: 'own',
  addGatewayKey: ['key.create'],
  changeGatewayKeysRevoked: ['key.revoke'],
  addGatewayBlock: 'own',
  changeModelCallReconciled: 'own',
  putAnswer: 'own',
  putProviderLine: 'own',
  addOutageFailure: 'own',
  addOverride: ['override.request'],
  approveOverride: ['override.approve'],
  revokeOverride: ['override.revoke'],
  useOverride: 'own',
  eraseEvents: ['tenant.erase'],
  eraseTenant: ['tenant.erase'],
};

const OWN_CARD = 'the conductor writes its own card and verdict beside a change whose push and proposal were decided';
const LANDED = 'records what the move has done that was decided as change.land, in the transaction after it';
const AGAIN = 'the task was admitted before; it takes the same money for its next run';

const RUN_KEY = 'the key of a run that was decided as run.start; each call with it is decided as model.call';

export const EXCEPTIONS: readonly Exception[] = [
  {
    effect: 'addPrincipal',
    from: 'src/app/access/provider.ts#signInOf',
    why: 'puts on record, without any role, whom the identity provider vouches for, so that admins can shut it out',
  },
  { effect: 'Ledger.setCap', from: 'src/app/gateway/keys.ts#issueRunKey', why: RUN_KEY },
  { effect: 'addGatewayKey', from: 'src/app/gateway/keys.ts#issueRunKey', why: RUN_KEY },
  { effect: 'changeGatewayKeysRevoked', from: 'src/app/gateway/keys.ts#revokeRunKeys', why: RUN_KEY },
  {
    effect: 'Ledger.reserve',
    from: 'src/app/gateway/holds.ts#LedgerHolds.take',
    why: 'money for calls, each of which is decided as model.call before it draws on it',
  },
  { effect: 'Forge.comment', from: 'src/app/steps/close.ts#cardOnChange', why: OWN_CARD },
  {
    effect: 'Forge.setState',
    from: 'src/app/steps/close.ts#startAgain',
    why: 'gives up its own change, to do it anew',
  },
  {
    effect: 'Forge.closeOpen',
    from: 'src/app/steps/close.ts#endCancelled',
    why: 'gives up what the run proposed; that its task ends was decided as task.cancel',
  },
  { effect: 'Forge.setState', from: 'src/app/steps/land.ts#landed', why: LANDED },
  { effect: 'Forge.setState', from: 'src/app/steps/land.ts#notLanded', why: 'asks a person about what it did not do' },
  { effect: 'moveRecordedHead', from: 'src/app/steps/land.ts#landed', why: LANDED },
  { effect: 'Ledger.reserve', from: 'src/app/steps/close.ts#startAgain', why: AGAIN },
  { effect: 'Ledger.reserve', from: 'src/app/tasks/admit.ts#wakeDeferred', why: AGAIN },
  {
    effect: 'Ledger.setCap',
    from: 'src/app/wire/store.ts#prepareScopes',
    why: 'the scope of the whole company, before any tenant',
  },
  {
    effect: 'Environments.ensure',
    from: 'src/app/wire/sandbox.ts#lazyEnvironments',
    why: 'hands the call on to the builder, which it makes at the first one',
  },
  {
    effect: 'Environments.remakeLock',
    from: 'src/app/wire/sandbox.ts#lazyEnvironments',
    why: 'hands the call on to the builder, as for ensure',
  },
  {
    effect: 'Environments.ensure',
    from: 'src/app/steps/land.ts#land',
    why: 'handed to landChange, which calls it in its step land.equip only: landingStep has it decided as environment.build',
  },
  {
    effect: 'Environments.remakeLock',
    from: 'src/app/steps/land.ts#land',
    why: 'handed to landChange, which calls it in its step land.locks only: landingStep has it decided as environment.build',
  },
  {
    effect: 'Runner.run',
    from: 'src/app/steps/act.ts#act',
    why: 'a runner does nothing but by context.step, and each of its steps is decided as run.command',
  },
  {
    effect: 'Chat.ask',
    from: 'src/app/steps/run-models.ts#RunModelsOf.ask',
    why: 'handed to the runner, which asks in context.think only, and that is decided as model.call',
  },
  {
    effect: 'House.verify.test',
    from: 'src/app/steps/land.ts#land',
    why: 'handed to landChange, which tests in its step land.test only: landingStep has it decided as run.command',
  },
  {
    effect: 'addTask',
    from: 'src/app/tasks/submit.ts#refused',
    why: 'keeps the task that policy refused, with the reasons',
  },
];

/** Files above the adapters that may use more of them than the SQL statements of this table, each with its reason. */
export const ADAPTER_USERS: { readonly [file: string]: string } = {
  'src/app/api-client.ts': 'hands the transport of a client to programs elsewhere',
  'src/app/errors.ts': 'lists the error tables',
  'src/app/upkeep/ended-workers.ts': 'asks the system whether a process of this machine still lives',
  'src/app/views/evidence-files.ts': 'reads and writes exported folders, makes no change of a tenant',
  'src/app/main-job/examples.ts': 'reads the shipped examples',
  'src/app/fleet-config/file.ts': 'reads the file of tenants and repositories that a person named',
  'src/app/programs/forward-main.ts': 'runs inside the sandbox',
  'src/app/gateway/double.ts': 'a stand-in for providers on loopback, which no tenant reaches but by the gateway',
  'src/app/gateway/sign-prices.ts': 'signs the price sheet that a person named; no tenant takes part',
  'src/app/gateway/reconcile.ts': 'reads an invoice, makes no call',
  'src/app/gateway/run-models.ts':
    'hands a run its key and the door to the gateway, where policy is asked about each call',
  'src/app/tenants/repositories.ts': 'takes credentials out of an address, for the record',
  'src/app/tenants/git-access.ts': 'serves git; who may push what is asked of the forge at each push',
  'src/app/views/merge-page.ts': 'writes the page that a person asked for; no tenant takes part',
  'src/app/merge.ts': 'a merge of files that its caller owns; no tenant takes part',
  'src/app/open.ts': 'asks what machine this is',
  'src/app/plugin/author.ts': 'writes the plugin folder of its author; no tenant takes part',
  'src/app/plugin/market.ts': 'the store of the installation; what a tenant is granted goes through PluginDesk',
  'src/app/plugin/shipped.ts':
    'reads the folder of the shipped plugins; what a tenant is granted goes through PluginDesk',
  'src/app/plugin/trust.ts': 'the trust root of the installation; no tenant takes part',
  'src/app/plugin/belief.ts': 'reads the public key that a person named; the trust root is changed behind plugin.trust',
  'src/app/governance/secrets.ts': 'reads the master key that a person named; it is changed behind secret.rotate',
  'src/app/qos/picture.ts': 'writes the picture that a person asked for; no tenant takes part',
  'src/app/governance/policy-desk.ts': 'compiles and tests rules',
  'src/app/governance/policy-engine.ts': 'builds the policy engine',
  'src/app/programs/recipe-main.ts': 'runs inside the sandbox',
};

/** The one folder that builds everything. */
export const BUILDER = 'src/app/wire/';
