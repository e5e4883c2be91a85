import { judge, judgeBase } from '#exec/index.ts';
import { type Ending, outcomeEnding } from './tasks/ending.ts';
import { Refusal } from './perform.ts';
import type { Road } from './road.ts';
import { StepFault } from './tasks/step-fault.ts';
import { act } from './steps/act.ts';
import { begin } from './steps/begin.ts';
import { climb } from './steps/climb.ts';
import { close } from './steps/close.ts';
import { inspect } from './steps/inspect.ts';
import { land } from './steps/land.ts';
import { choosePlan } from './steps/plan.ts';
import { prepare } from './steps/prepare.ts';
import { propose } from './steps/propose.ts';
import { prove } from './steps/prove.ts';

/**
 * The road of a task. Each line is one or more durable steps: after a crash another worker walks the same road,
 * takes recorded results where there are some, and goes on where the first one stopped.
 */
export async function conduct(road: Road): Promise<Ending> {
  return close(road, await walk(road).catch(endedBy));
}

/** Policy's no and a fault that lasts are ends of a task like others; anything else is tried again from the same step. */
function endedBy(error: unknown): Ending {
  if (error instanceof Refusal) return { kind: 'denied', reasons: error.reasons };
  if (error instanceof StepFault) return { kind: 'failed', reasons: [error.reason] };
  throw error;
}

async function walk(road: Road): Promise<Ending> {
  const start = await begin(road); // may this run, here, with this recipe or agent?
  const environment = await prepare(road, start.base); // toolchain and dependencies, built once, then offline
  if (start.approved !== undefined) return land(road, environment, start.approved); // a person said yes to an earlier run

  const before = await prove(road, 'baseline', environment, start.baseTree); // the tests, as they were
  const base = judgeBase(before);
  if (base.kind !== 'passed') return { kind: 'needs_human', reasons: base.reasons };

  const plan = await choosePlan(road); // no model, one, or a ladder of them, cheapest first
  const made = await climb(road, plan, async (rung) => {
    const outcome = await act(road, environment, start.base, plan, rung); // the runner, in its sandbox, step by step
    if (outcome.kind !== 'change') return outcomeEnding(outcome);

    const diff = await inspect(road, start.base, outcome, rung); // paths, size, tests kept
    if (diff.files.length === 0) return { kind: 'no_change', summary: 'the work came out equal to the base' };
    if (diff.refused.length > 0) return { kind: 'failed', reasons: diff.refused };

    const after = await prove(road, 'verify', environment, diff.tree, rung); // the tests, on the changed tree
    const verdict = judge(before, after);
    if (verdict.kind === 'failed') return { kind: 'failed', reasons: verdict.reasons };
    return { kind: 'proved', diff, after, asks: [...diff.asks, ...verdict.reasons] } as const;
  });
  if (made.kind !== 'proved') return made;

  const { diff, after, asks } = made;
  const { change, asks: open } = await propose(road, start.base, diff, after, asks); // branch, change, check
  if (open.length > 0) return { kind: 'needs_human', reasons: open, change: change.id };

  return land(road, environment, change); // merge, test exactly that tree, compare-and-swap
}
