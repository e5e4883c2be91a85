import type { ChangeId, GitOid } from '#domain/ids.ts';
import type { Place } from './ports.ts';

/**
 * The landing line of one branch, as the gate of Zuul has it: each landing is prepared and tested, speculatively, on top
 * of the one ahead of it, and moves the branch once that one has landed. So the line is a chain: each one's base is the
 * tip of the one ahead. Pure: what to do next follows from who stands in the line and where the branch stands.
 */

/** On what a candidate is to be made: on the candidate of a change that is ahead, or, null, on the branch as it stands. */
export type Basis = { readonly commit: GitOid; readonly change: ChangeId } | null;

export type BasisAnswer = { readonly kind: 'wait' } | { readonly kind: 'begin'; readonly on: Basis };

/** Waits while `depth` or more are ahead, and while the chain of those ahead is broken or has no tip yet. */
export function basisOf(line: readonly Place[], change: ChangeId, depth: number): BasisAnswer {
  const ahead = aheadOf(line, change);
  const commit = ahead.at(-1)?.tip;
  if (ahead.length >= depth || commit === null || !isChain(ahead)) return { kind: 'wait' };
  const maker = ahead.find(({ base, tip }) => tip === commit && tip !== base);
  if (commit === undefined || maker === undefined) return { kind: 'begin', on: null };
  return { kind: 'begin', on: { commit, change: maker.change } };
}

/** `go`: what was found on the base holds for the branch as it is. `anew`: the branch will never stand at that base. */
export type TurnAnswer = 'wait' | 'go' | 'anew';

/** Whether what was found on `base` still waits for those ahead; undefined when nobody is ahead. */
export function turnBehind(line: readonly Place[], change: ChangeId, base: GitOid): 'wait' | 'anew' | undefined {
  const ahead = aheadOf(line, change);
  const last = ahead.at(-1);
  if (last === undefined) return undefined;
  return last.tip === base && isChain(ahead) ? 'wait' : 'anew';
}

/** With nobody ahead: what was found holds only where the branch stands at its base. */
export function turnAtHead(base: GitOid, head: GitOid | undefined): 'go' | 'anew' {
  return head === base ? 'go' : 'anew';
}

/** Whether the first in line is still on the branch; false once somebody outside of the line moved it. */
export function standsOn({ base, tip }: Place, head: GitOid | undefined): boolean {
  return head !== undefined && (head === base || head === tip);
}

/** Those before the change; all, when it is not in the line. */
export function aheadOf(line: readonly Place[], change: ChangeId): readonly Place[] {
  const at = line.findIndex((place) => place.change === change);
  return at === -1 ? line : line.slice(0, at);
}

function isChain(line: readonly Place[]): boolean {
  return line.every(({ base }, i) => i === 0 || base === line[i - 1]?.tip);
}
