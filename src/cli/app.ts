import { type Application, buildApplication, buildRouteMap } from '@stricli/core';
import type { Shell } from './command.ts';

/** Every command, in the order in which a newcomer meets them. Its file is loaded when it is asked for: that halves the start. */
const COMMANDS = Object.freeze({
  start: async () => (await import('./commands/start.ts')).startCommand,
  up: async () => (await import('./commands/up.ts')).upCommand,
  worker: async () => (await import('./commands/worker.ts')).workerRoutes,
  tenant: async () => (await import('./commands/tenant.ts')).tenantRoutes,
  repo: async () => (await import('./commands/repo.ts')).repoRoutes,
  submit: async () => (await import('./commands/submit.ts')).submitCommand,
  task: async () => (await import('./commands/task.ts')).taskRoutes,
  change: async () => (await import('./commands/change.ts')).changeRoutes,
  budget: async () => (await import('./commands/budget.ts')).budgetRoutes,
  slo: async () => (await import('./commands/slo.ts')).sloRoutes,
  qos: async () => (await import('./commands/qos.ts')).qosRoutes,
  stop: async () => (await import('./commands/stop.ts')).stopCommand,
  resume: async () => (await import('./commands/stop.ts')).resumeCommand,
  evidence: async () => (await import('./commands/evidence.ts')).evidenceRoutes,
  audit: async () => (await import('./commands/audit.ts')).auditRoutes,
  gateway: async () => (await import('./commands/gateway.ts')).gatewayRoutes,
  policy: async () => (await import('./commands/policy.ts')).policyRoutes,
  override: async () => (await import('./commands/override.ts')).overrideRoutes,
  merge: async () => (await import('./commands/merge.ts')).mergeRoutes,
  plugin: async () => (await import('./commands/plugin.ts')).pluginRoutes,
  'sign-in': async () => (await import('./commands/sign-in.ts')).signInCommand,
  webhook: async () => (await import('./commands/webhook.ts')).webhookRoutes,
  principal: async () => (await import('./commands/principal.ts')).principalRoutes,
  key: async () => (await import('./commands/key.ts')).keyRoutes,
  secret: async () => (await import('./commands/secret.ts')).secretRoutes,
  config: async () => (await import('./commands/config.ts')).configRoutes,
  'verify-log': async () => (await import('./commands/verify-log.ts')).verifyLogCommand,
  recipes: async () => (await import('./commands/recipes.ts')).recipesCommand,
  agents: async () => (await import('./commands/agent.ts')).agentsCommand,
  mcp: async () => (await import('./commands/mcp.ts')).mcpCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
});

/** The command line. Given the first word that was typed, it has that command only; without it, or with one that is unknown, all. */
export async function commandLine(version: string, typed?: string): Promise<Application<Shell>> {
  const asked = Object.entries(COMMANDS).filter(([name]) => name === typed);
  const rows = asked.length > 0 ? asked : Object.entries(COMMANDS);
  const routes = await Promise.all(rows.map(async ([name, load]) => [name, await load()] as const));
  const root = buildRouteMap({
    docs: {
      brief: 'Conducts fleets of coding agents: fair shares, hard budgets, changes that land as tested, evidence',
    },
    routes: Object.fromEntries(routes),
  });
  return buildApplication(root, {
    name: 'maestro',
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    documentation: { useAliasInUsageLine: true },
  });
}
