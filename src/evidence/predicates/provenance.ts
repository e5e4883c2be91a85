import { z } from 'zod';
import { digestOf, sha256 } from '#kernel/digest.ts';
import type { Json } from '#kernel/json.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Event } from '#domain/event.ts';
import type { GitOid, PrincipalId, RunId } from '#domain/ids.ts';
import type { ModelPlan } from '#domain/plan.ts';
import type { SandboxProfile } from '#domain/sandbox.ts';
import type { Task, Work } from '#domain/task.ts';
import { isoTime } from '#kernel/iso-time.ts';
import { resourceSchema, statement, type Statement, type Subject } from '../statement.ts';
import { PROVENANCE, repoUri } from '../uris.ts';

const BUILD_TYPE = 'https://maestro-conductor.dev/agent-run/v1';
const BUILDER = 'https://maestro-conductor.dev/conductor/v1';
/** Name of the dependency that is the commit the change was made on. */
export const BASE = 'base';
/** How the names of those dependencies begin that are plugins. */
export const PLUGIN_DEPENDENCY = 'plugin:';

/** SLSA provenance v1 of one run of an agent, as far as it is read back. */
export const provenanceSchema = z.object({
  buildDefinition: z.object({
    buildType: z.literal(BUILD_TYPE),
    externalParameters: z.record(z.string(), z.json()),
    internalParameters: z.record(z.string(), z.json()),
    resolvedDependencies: z.array(resourceSchema.extend({ uri: z.string().optional() })),
  }),
  runDetails: z.object({
    builder: z.object({ id: z.literal(BUILDER), version: z.record(z.string(), z.string()) }),
    metadata: z.object({ invocationId: z.string(), startedOn: z.string(), finishedOn: z.string() }),
    byproducts: z.array(resourceSchema),
  }),
});

/** One run of one task, as the conductor saw it. */
export interface RunFacts {
  readonly task: Task;
  readonly run: RunId;
  /** The agent that acted, on behalf of `task.submittedBy`. */
  readonly agent: PrincipalId;
  readonly base: GitOid;
  readonly environmentKey: string;
  readonly sandbox: SandboxProfile;
  readonly plan: ModelPlan;
  /** The system prompt that stated the agent's conduct; `digest` is SHA-256 hex. */
  readonly conduct?: { readonly version: number; readonly digest: string };
  /** `digest` is SHA-256 hex. */
  readonly plugins: readonly { readonly id: string; readonly version: string; readonly digest: string }[];
  /** SHA-256 hex of the rules that allowed the run. */
  readonly policyDigest: string;
  /** The run's events: their digest binds the evidence to the record. */
  readonly events: readonly Event[];
  readonly startedAt: Millis;
  readonly finishedAt: Millis;
  readonly maestroVersion: string;
}

/** How the subject came to be: who asked for what, on which commit, under which rules, with which plugins and model. */
export function provenanceStatement(subject: Subject, facts: RunFacts): Statement {
  const { task, plan, sandbox } = facts;
  return statement({
    subject: [subject],
    predicateType: PROVENANCE,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: {
          task: task.id,
          tenant: task.tenant,
          repository: repoUri(task.repo),
          submittedBy: task.submittedBy,
          work: workParameters(task.work),
        },
        internalParameters: {
          agent: facts.agent,
          environment: facts.environmentKey,
          plan: { ...plan },
          ...(facts.conduct === undefined ? {} : { conduct: { ...facts.conduct } }),
          sandbox: { ...sandbox },
        },
        resolvedDependencies: dependencies(facts),
      },
      runDetails: {
        builder: { id: BUILDER, version: { maestro: facts.maestroVersion } },
        metadata: {
          invocationId: facts.run,
          startedOn: isoTime(facts.startedAt),
          finishedOn: isoTime(facts.finishedAt),
        },
        byproducts: [{ name: 'events', digest: { sha256: digestOf(facts.events.map((event) => ({ ...event }))) } }],
      },
    },
  });
}

// A prompt may hold what its writer would not publish, so it is named by its digest; a recipe's parameters are code names.
function workParameters(work: Work): Json {
  if (work.kind === 'recipe') return { kind: work.kind, name: work.name, params: work.params };
  const { kind, name, prompt, model } = work;
  return { kind, name, promptSha256: sha256(prompt), ...(model === undefined ? {} : { model }) };
}

function dependencies(facts: RunFacts): Json {
  const { id, rungs, propensity } = facts.plan;
  return [
    { name: BASE, uri: repoUri(facts.task.repo), digest: { gitCommit: facts.base } },
    { name: 'policy', digest: { sha256: facts.policyDigest } },
    { name: 'model-plan', digest: { sha256: digestOf({ id, rungs, propensity }) } },
    ...facts.plugins.map((plugin) => ({
      name: `${PLUGIN_DEPENDENCY}${plugin.id}`,
      uri: `maestro:plugin/${plugin.id}@${plugin.version}`,
      digest: { sha256: plugin.digest },
    })),
  ];
}
