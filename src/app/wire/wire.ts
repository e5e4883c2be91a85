import { join } from 'node:path';
import type { House } from '../house.ts';
import { gatewayChat } from '#adapters/chat/index.ts';
import type { ModelTable } from '#gateway/index.ts';
import { LadderOfFile } from '../gateway/ladder.ts';
import { GatewayModels } from '../gateway/run-models.ts';
import { policyEngine } from '../governance/policy-engine.ts';
import { SYSTEM } from '../governance/principals.ts';
import { runnerParts } from './agents.ts';
import { evidenceParts } from './evidence.ts';
import { hasGateway } from './gateway-file.ts';
import { gitParts } from './git.ts';
import { identityParts } from './identity.ts';
import { pluginDesk } from './plugins.ts';
import { promisesOf } from './promises.ts';
import { queueParts } from './queue.ts';
import { sandboxOf, sandboxParts } from './sandbox.ts';
import { storeParts } from './store.ts';
import { webhookParts } from './webhooks.ts';
import { type Surroundings, type Tools, toolsOf } from './tools.ts';

/** The gateway and its connections take a moment to load, and many commands need none. */
const loadGateway = () => import('./gateway.ts');

/** Builds every part of the system and plugs them together: the only place that does. */
export async function wire(around: Surroundings): Promise<House & AsyncDisposable> {
  const tools = toolsOf(around);
  const { settings, clock, ids, log, dataDir, user, machine, keys: dataKeys } = tools;
  // Trying the walls starts programs: what else there is to open is opened meanwhile.
  const [sandbox, policy, stored] = await Promise.all([sandboxOf(tools), policyEngine(settings), storeParts(tools)]);
  const queued = await queueParts(tools, stored.store);
  const git = await gitParts(tools, stored);
  const plugins = pluginDesk(tools, stored);
  const house: House = {
    ...promisesOf(settings),
    ...stored,
    queue: queued.queue,
    enqueue: queued.enqueue,
    ...git,
    ...sandboxParts(tools, { sandbox, ...stored, ...git }),
    ...(await evidenceParts(tools, stored)),
    ...(await identityParts(tools)),
    clock,
    ids,
    log,
    dataDir,
    user,
    version: around.version,
    system: SYSTEM,
    ...{ dataKeys, plugins, policy: policy.engine },
    webhooks: webhookParts(tools, stored, () => house),
    ...modelParts(tools, () => house),
    ...(await runnerParts(tools, around.version)),
    worker: {
      owner: `${machine.host}:${machine.pid}:${ids.next('w')}`,
      host: machine.host,
      pid: machine.pid,
      mark: machine.mark,
      labels: settings['worker.labels'],
      region: settings['worker.region'],
      dataClass: settings['worker.dataClass'],
    },
    engines: { ...enginesOf(tools, stored.store, sandbox.profile), queue: queued.says, policy: policy.says },
    random: tools.random,
    keyLifeMs: settings['gateway.keyLife'],
    hasGateway: hasGateway(tools),
    openGateway: async () => (await loadGateway()).openGateway(tools, house),
  };
  return {
    ...house,
    [Symbol.asyncDispose]: async () => {
      await plugins.close();
      await queued.close();
      await stored.store.close();
    },
  };
}

/** How runs think: which models there are, which of them a run begins with, and the way to them. */
function modelParts(tools: Tools, house: () => House): Pick<House, 'models' | 'plans' | 'modelTable' | 'chat'> {
  const { settings, clock } = tools;
  const modelTable = async (): Promise<ModelTable> => (await loadGateway()).modelTable(tools);
  const models = new GatewayModels({
    house,
    url: settings['gateway.url'],
    runWallMs: settings['run.wall'],
    drainMs: settings['gateway.drain'],
  });
  return { models, plans: new LadderOfFile(modelTable), modelTable, chat: gatewayChat({ clock }) };
}

function enginesOf(
  { settings, dataDir }: Tools,
  { rowSecurity }: House['store'],
  profile: House['sandbox']['profile'],
): House['engines'] {
  const postgres = settings['engine.store'] === 'postgres';
  return {
    store: postgres
      ? `Postgres (${rowSecurity ? '' : 'no '}row-level security)`
      : `SQLite ${join(dataDir, 'maestro.db')}`,
    forge: 'local git',
    executor: 'local',
    sandbox: profile.warnings.length === 0 ? profile.kind : `${profile.kind} (${profile.warnings.join('; ')})`,
  };
}
