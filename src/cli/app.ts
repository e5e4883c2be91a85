import { type Application, buildApplication, buildRouteMap } from '@stricli/core';
import type { Shell } from './command.ts';
import { auditRoutes } from './commands/audit.ts';
import { agentsCommand } from './commands/agent.ts';
import { budgetRoutes } from './commands/budget.ts';
import { changeRoutes } from './commands/change.ts';
import { configRoutes } from './commands/config.ts';
import { evidenceRoutes } from './commands/evidence.ts';
import { explainCommand } from './commands/explain.ts';
import { keyRoutes } from './commands/key.ts';
import { principalRoutes } from './commands/principal.ts';
import { recipesCommand } from './commands/recipes.ts';
import { gatewayRoutes } from './commands/gateway.ts';
import { mcpCommand } from './commands/mcp.ts';
import { mergeRoutes } from './commands/merge.ts';
import { pluginRoutes } from './commands/plugin.ts';
import { overrideRoutes } from './commands/override.ts';
import { policyRoutes } from './commands/policy.ts';
import { repoRoutes } from './commands/repo.ts';
import { qosRoutes } from './commands/qos.ts';
import { sloRoutes } from './commands/slo.ts';
import { resumeCommand, stopCommand } from './commands/stop.ts';
import { secretRoutes } from './commands/secret.ts';
import { signInCommand } from './commands/sign-in.ts';
import { startCommand } from './commands/start.ts';
import { submitCommand } from './commands/submit.ts';
import { taskRoutes } from './commands/task.ts';
import { tenantRoutes } from './commands/tenant.ts';
import { verifyLogCommand } from './commands/verify-log.ts';
import { upCommand } from './commands/up.ts';
import { workerRoutes } from './commands/worker.ts';
import { webhookRoutes } from './commands/webhook.ts';

/** The command line: every command, in the order in which a newcomer meets them. */
export function commandLine(version: string): Application<Shell> {
  const root = buildRouteMap({
    docs: {
      brief: 'Conducts fleets of coding agents: fair shares, hard budgets, changes that land as tested, evidence',
    },
    routes: {
      start: startCommand,
      up: upCommand,
      worker: workerRoutes,
      tenant: tenantRoutes,
      repo: repoRoutes,
      submit: submitCommand,
      task: taskRoutes,
      change: changeRoutes,
      budget: budgetRoutes,
      slo: sloRoutes,
      qos: qosRoutes,
      stop: stopCommand,
      resume: resumeCommand,
      evidence: evidenceRoutes,
      audit: auditRoutes,
      gateway: gatewayRoutes,
      policy: policyRoutes,
      override: overrideRoutes,
      merge: mergeRoutes,
      plugin: pluginRoutes,
      'sign-in': signInCommand,
      webhook: webhookRoutes,
      principal: principalRoutes,
      key: keyRoutes,
      secret: secretRoutes,
      config: configRoutes,
      'verify-log': verifyLogCommand,
      recipes: recipesCommand,
      agents: agentsCommand,
      mcp: mcpCommand,
      explain: explainCommand,
    },
  });
  return buildApplication(root, {
    name: 'maestro',
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    documentation: { useAliasInUsageLine: true },
  });
}
