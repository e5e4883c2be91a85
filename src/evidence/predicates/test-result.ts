import { z } from 'zod';
import { digestOf } from '#kernel/digest.ts';
import type { TestReport } from '#domain/test-report.ts';
import { resourceSchema, statement, type Statement, type Subject } from '../statement.ts';
import { TEST_RESULT } from '../uris.ts';

/** in-toto test-result v0.1 with our own `maestro_report` beside it. */
export const testResultSchema = z.object({
  result: z.enum(['PASSED', 'WARNED', 'FAILED']),
  configuration: z.array(resourceSchema),
  maestro_report: z.object({
    tree: z.string(),
    outcome: z.enum(['passed', 'failed', 'unknown']),
    exitCode: z.number().nullable(),
    outputSha256: z.string(),
  }),
});

// WARNED is neither green nor red, which is what `unknown` means.
const RESULT = Object.freeze({ passed: 'PASSED', failed: 'FAILED', unknown: 'WARNED' } as const);

/**
 * The outcome of the repository's own tests on exactly `report.tree`. It is about `subject` when that is its tree, and
 * about the bare tree otherwise: what was tested on the way is never said of what came out.
 */
export function testResultStatement(subject: Subject, report: TestReport): Statement {
  const { tree } = report;
  return statement({
    subject: [subject.digest['gitTree'] === tree ? subject : { name: `tree:${tree}`, digest: { gitTree: tree } }],
    predicateType: TEST_RESULT,
    predicate: {
      result: RESULT[report.outcome],
      configuration: [
        { name: report.command.join(' ') || 'no test command', digest: { sha256: digestOf(report.command) } },
      ],
      maestro_report: {
        tree,
        outcome: report.outcome,
        flaky: report.flaky,
        attempts: report.attempts,
        testsPassed: report.testsPassed,
        reasons: report.reasons,
        exitCode: report.exitCode,
        outputSha256: report.outputDigest,
        wallMs: report.wallMs,
        cpuMs: report.cpuMs,
        environment: report.environmentKey,
        sandbox: report.sandbox,
        actionSha256: report.actionDigest,
        cached: report.cached,
      },
    },
  });
}
