import { z } from 'zod';
import type { Reason } from '#domain/reason.ts';
import type { Clock } from '#kernel/clock.ts';
import { licenseAllowed } from './license.ts';
import type { PluginPolicy, PluginQuestion } from './ports.ts';

export interface PolicyTable {
  readonly licenses: readonly string[];
  /** Globs that nobody is granted, whatever the manifest asks. */
  readonly forbiddenGlobs: readonly string[];
  /** Tenants that may not use plugins at all. */
  readonly closedTenants: readonly string[];
}

export const DEFAULT_POLICY: PolicyTable = {
  licenses: ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'Apache-2.0 WITH LLVM-exception'],
  forbiddenGlobs: ['.git/**', '.env', '**/.env', '.maestro/**'],
  closedTenants: [],
};

/** The policy that needs no engine: a table. Unverified packages and unlisted licences are denied at every moment. */
export function builtinPolicy(table: PolicyTable = DEFAULT_POLICY): PluginPolicy {
  return {
    name: 'builtin',
    decide: async (question) => {
      const reasons = judge(question, table);
      return { allow: reasons.length === 0, reasons };
    },
  };
}

function judge(question: PluginQuestion, table: PolicyTable): Reason[] {
  const reasons: Reason[] = [];
  const deny = (code: string, field: string, msg: string, fix: string): void =>
    void reasons.push({ code, field, msg, fix });
  if (!question.verified)
    deny(
      'UNVERIFIED',
      'digest',
      `${question.id} has no verified provenance`,
      'Install a package that its publisher signed',
    );
  if (table.closedTenants.includes(question.tenant))
    deny(
      'TENANT_CLOSED',
      'tenant',
      `${question.tenant} may not use plugins`,
      'Ask an administrator to open plugins for the tenant',
    );
  if (!licenseAllowed(question.license, table.licenses))
    deny(
      'LICENSE_DENIED',
      'license',
      `${question.license} is not on the list of licences`,
      `Use one of ${table.licenses.join(', ')}`,
    );
  for (const kind of ['fs_read', 'fs_edit'] as const) {
    for (const [index, glob] of question.permissions[kind].entries()) {
      if (table.forbiddenGlobs.includes(glob))
        deny(
          'FS_SCOPE',
          `permissions.${kind}.${index}`,
          `${glob} is granted to nobody`,
          'Ask for the files that the plugin needs',
        );
    }
  }
  return reasons;
}

const WAIT_MS = 2000;

/** Asks a policy and fails closed: an error, a late or a malformed answer is a denial that says so. */
export async function askPolicy(
  policy: PluginPolicy,
  question: PluginQuestion,
  clock: Clock,
): Promise<readonly Reason[]> {
  const down = (msg: string): readonly Reason[] => [
    {
      code: 'POLICY_DOWN',
      field: 'policy',
      msg: `policy ${policy.name} ${msg}`,
      fix: 'Nothing loads until the policy engine answers',
    },
  ];
  const over = new AbortController();
  try {
    const late = clock.sleep(WAIT_MS, over.signal).then(
      () => 'late',
      () => 'late',
    );
    const answer: unknown = await Promise.race([policy.decide(question, over.signal), late]);
    if (answer === 'late') return down(`gave no answer in ${WAIT_MS} ms`);
    return readAnswer(answer) ?? down('gave an answer of another shape');
  } catch (error) {
    return down(`failed: ${error instanceof Error ? error.message : 'unknown'}`);
  } finally {
    over.abort();
  }
}

const reasonSchema = z.object({ code: z.string(), msg: z.string(), field: z.string(), fix: z.string() });
const answerSchema = z.union([
  z.strictObject({ allow: z.literal(true), reasons: z.tuple([]) }),
  z.strictObject({ allow: z.literal(false), reasons: z.array(reasonSchema).min(1) }),
]);

/** Exactly `{allow: true, reasons: []}` allows; exactly `{allow: false, reasons: [...]}` denies; anything else is no answer. */
function readAnswer(answer: unknown): readonly Reason[] | null {
  return answerSchema.safeParse(answer).data?.reasons ?? null;
}
