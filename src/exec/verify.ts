import { sha256 } from '#kernel/digest.ts';
import type { Environment } from '#domain/environment.ts';
import type { GitOid, TenantId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { Sandbox, SandboxLimits, SandboxResult } from '#domain/sandbox.ts';
import type { TestAttempt, TestOutput, TestReport } from '#domain/test-report.ts';
import { actionDigest } from './action-digest.ts';
import type { ActionCache, TestOutputs, TreeFiles, Trees } from './ports.ts';
import { endOf, joined, printedBy } from './printed.ts';
import { reason } from './reasons.ts';
import { testCommandOf } from './test-command.ts';
import { countPassed } from './test-count.ts';

/** What a verifier works with. */
export interface VerifyParts {
  readonly files: Pick<TreeFiles, 'rootNames' | 'readFile'>;
  readonly trees: Trees;
  readonly cache: ActionCache;
  readonly outputs: TestOutputs;
  readonly sandbox: Sandbox;
  readonly limits: SandboxLimits;
  /** `process.version` of the Node that programs find in the sandbox. */
  readonly nodeVersion: string;
}

export interface VerifyRequest {
  readonly tenant: TenantId;
  readonly ordinal: number;
  readonly repoDir: string;
  readonly tree: GitOid;
  readonly environment: Environment;
  /** The repository's own setting of its test command. */
  readonly testCommand?: readonly string[];
  /** Further absolute host paths that programs may read. */
  readonly readOnly?: readonly string[];
}

const TAIL_CHARACTERS = 4000;
/** Kept of what an attempt printed. Whoever looks wants all of what went wrong, and the summary of what went well. */
const KEPT_CHARACTERS = Object.freeze({ failed: 256 * 1024, unknown: 256 * 1024, passed: 8 * 1024 });
/** Of the sandbox, and of every shell between it and the program. */
const NO_SUCH_PROGRAM = 127;

/** Test programs print plain summaries, write no snapshots and do not look for updates of themselves. */
const TEST_ENV = { CI: 'true', NO_COLOR: '1', npm_config_update_notifier: 'false', npm_config_fund: 'false' };

/** Proves exactly one tree by the repository's own tests. Never throws for what a test did. */
export async function verifyTree(parts: VerifyParts, request: VerifyRequest, signal: AbortSignal): Promise<TestReport> {
  const found = await findCommand(parts, request);
  const command = found.kind === 'found' ? found.argv : [];
  const digest = actionDigest({
    command,
    tree: request.tree,
    environmentKey: request.environment.key,
    sandbox: parts.sandbox.profile.kind,
    nodeVersion: parts.nodeVersion,
  });
  const common = {
    tree: request.tree,
    command,
    environmentKey: request.environment.key,
    sandbox: parts.sandbox.profile,
    actionDigest: digest,
    cached: false,
  };
  if (found.kind === 'none') return { ...common, ...summary([]), reasons: [found.reason] };

  const known = await parts.cache.get(request.tenant, digest);
  if (known !== undefined) {
    const failed = known.attempts.filter(({ outcome }) => outcome !== 'passed');
    for (const attempt of failed) await parts.outputs.renew(request.tenant, attempt);
    return { ...known, cached: true };
  }

  const runs = [await runOnce(parts, request, command, signal)];
  if (runs[0]?.attempt.outcome === 'failed') runs.push(await runOnce(parts, request, command, signal));
  const report = { ...common, ...summary(runs) };
  if (report.outcome !== 'unknown') await parts.cache.put(request.tenant, report);
  return report;
}

async function findCommand(parts: VerifyParts, request: VerifyRequest): Promise<ReturnType<typeof testCommandOf>> {
  const setting = request.testCommand ?? [];
  if (setting.length > 0) return { kind: 'found', argv: setting };
  const packageJson = await parts.files.readFile(request.repoDir, request.tree, 'package.json');
  const rootNames = await parts.files.rootNames(request.repoDir, request.tree);
  return testCommandOf({ rootNames, packageJson: packageJson?.text });
}

interface Run {
  readonly attempt: TestAttempt;
  readonly printed: TestOutput;
  readonly reasons: readonly Reason[];
}

/** Each attempt has files of its own: a failed one may have left anything behind. */
async function runOnce(
  parts: VerifyParts,
  request: VerifyRequest,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<Run> {
  const files = await parts.trees.materialise(request);
  try {
    const result = await parts.sandbox.run(
      {
        ordinal: request.ordinal,
        argv,
        workspace: files.dir,
        environment: request.environment,
        readOnly: request.readOnly ?? [],
        env: TEST_ENV,
        limits: parts.limits,
        keeps: 'end', // where test programs say what failed
      },
      signal,
    );
    const attempt = attemptOf(result);
    const printed = printedBy(result);
    const kept = endOf(printed, KEPT_CHARACTERS[attempt.outcome]);
    if (!signal.aborted) await parts.outputs.keep(request.tenant, attempt, kept);
    return { attempt, printed, reasons: reasonsOf(result, argv, parts.limits) };
  } finally {
    await files.remove();
  }
}

function attemptOf(result: SandboxResult): TestAttempt {
  const answered = (result.endedBy === 'exit' || result.endedBy === 'signal') && result.exitCode !== NO_SUCH_PROGRAM;
  return {
    outcome: !answered ? 'unknown' : result.exitCode === 0 ? 'passed' : 'failed',
    exitCode: result.exitCode,
    wallMs: result.wallMs,
    cpuMs: result.cpuMs,
    outputDigest: sha256(result.stdout + result.stderr),
  };
}

function reasonsOf(result: SandboxResult, argv: readonly string[], limits: SandboxLimits): readonly Reason[] {
  const command = `\`${argv.join(' ')}\``;
  if (result.endedBy === 'timeout') {
    const { wallMs, quietMs } = limits;
    const hung = `hung: it neither printed nor used the processor for ${quietMs} ms`;
    const how = result.wallMs < wallMs ? hung : `did not end within ${wallMs} ms`;
    return [reason('TEST_TIMEOUT', 'repo.testCommand', `${command} ${how}`)];
  }
  if (result.endedBy === 'abort') {
    return [reason('TEST_ABORTED', 'task', `${command} was stopped before it ended`)];
  }
  if (result.exitCode === NO_SUCH_PROGRAM) {
    return [reason('TEST_PROGRAM_MISSING', 'repo.environment', `${command} needs a program that is not there`)];
  }
  return [];
}

type Summary = Pick<
  TestReport,
  | 'outcome'
  | 'flaky'
  | 'attempts'
  | 'testsPassed'
  | 'reasons'
  | 'exitCode'
  | 'wallMs'
  | 'cpuMs'
  | 'outputTail'
  | 'outputDigest'
>;

function summary(runs: readonly Run[]): Summary {
  const last = runs.at(-1);
  const outcome = last?.attempt.outcome ?? 'unknown';
  return {
    outcome,
    flaky: runs.length > 1 && outcome === 'passed',
    attempts: runs.map((run) => run.attempt),
    testsPassed: last === undefined ? null : countPassed(joined(last.printed)),
    reasons: last?.reasons ?? [],
    exitCode: last?.attempt.exitCode ?? null,
    wallMs: runs.reduce((sum, run) => sum + run.attempt.wallMs, 0),
    cpuMs: runs.reduce((sum, run) => sum + run.attempt.cpuMs, 0),
    outputTail: last === undefined ? '' : joined(endOf(last.printed, TAIL_CHARACTERS)),
    outputDigest: last?.attempt.outputDigest ?? sha256(''),
  };
}
