import type { Reason } from '#domain/reason.ts';
import { type ExecReasonCode, reason } from '../reasons.ts';

/** What a guard found. `refused`: may not land in this shape; `needs_human`: a person must approve it. */
export type Finding = {
  readonly ending: 'needs_human' | 'refused';
  readonly reason: Reason;
};

export function refused(code: ExecReasonCode, path: string, msg: string): Finding {
  return { ending: 'refused', reason: reason(code, fieldOf(path), msg) };
}

export function needsHuman(code: ExecReasonCode, path: string, msg: string): Finding {
  return { ending: 'needs_human', reason: reason(code, fieldOf(path), msg) };
}

function fieldOf(path: string): string {
  return path === '' ? 'change' : `change.files[${JSON.stringify(path)}]`;
}
