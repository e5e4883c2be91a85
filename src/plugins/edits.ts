import { globSet } from '#domain/plugin-glob.ts';
import type { Reason } from '#domain/reason.ts';
import { sha256 } from '#kernel/digest.ts';
import { z } from 'zod';

const edit = z.strictObject({ start: z.int().min(0), end: z.int().min(0), text: z.string() });

/** What a plugin proposes for one file: byte ranges of the file as it was read, known by its digest. */
const fileEditsSchema = z.strictObject({
  path: z.string().min(1),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  edits: z.array(edit).max(100_000),
});
export const editsSchema = z.array(fileEditsSchema).max(10_000);
export type FileEdits = z.infer<typeof fileEditsSchema>;

/** A plan to change files, or every reason why nothing is changed. */
export type EditPlan =
  | { readonly ok: true; readonly files: readonly { path: string; before: Uint8Array; after: Uint8Array }[] }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

/**
 * Checks all edits of a plugin against the files and works out the new contents. One fault refuses the whole; bytes
 * outside the edits are carried over unchanged, whatever their line ends, marks or encoding.
 */
export function planEdits(
  proposed: readonly FileEdits[],
  granted: readonly string[],
  contents: ReadonlyMap<string, Uint8Array>,
): EditPlan {
  const grant = globSet(granted);
  const reasons: Reason[] = [];
  const files: { path: string; before: Uint8Array; after: Uint8Array }[] = [];
  const seen = new Set<string>();
  for (const [index, { path, sha256: digest, edits }] of proposed.entries()) {
    const refuse = (code: string, msg: string): void =>
      void reasons.push({
        code,
        msg,
        field: `edits.${index}`,
        fix: 'Nothing was written; correct the plugin or run it again',
      });
    const before = contents.get(path);
    if (!grant.matches(path)) refuse('EDIT_SCOPE', `${path} may not be edited`);
    else if (seen.has(path)) refuse('EDIT_TWICE', `${path} comes twice`);
    else if (before === undefined) refuse('EDIT_ABSENT', `${path} is not a file of the workspace`);
    else if (digest !== undefined && digest !== sha256(before))
      refuse('EDIT_STALE', `${path} changed since it was read`);
    else {
      const fault = rangeFault(edits, before);
      if (fault === null) files.push({ path, before, after: apply(before, edits) });
      else refuse('EDIT_RANGE', `${path}: ${fault}`);
    }
    seen.add(path);
  }
  return reasons.length > 0 ? { ok: false, reasons } : { ok: true, files };
}

function rangeFault(edits: FileEdits['edits'], bytes: Uint8Array): string | null {
  let last = 0;
  for (const { start, end, text } of edits) {
    if (start < last) return `an edit at ${start} overlaps or comes before the one ending at ${last}`;
    if (end < start || end > bytes.length) return `range ${start} to ${end} is outside ${bytes.length} bytes`;
    if (inCharacter(bytes, start) || inCharacter(bytes, end)) return `range ${start} to ${end} cuts a character`;
    if (!text.isWellFormed()) return 'the new text is not well-formed';
    last = end;
  }
  return null;
}

/** True between the bytes of one UTF-8 character. */
function inCharacter(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at] ?? 0) & 0xc0) === 0x80;
}

function apply(before: Uint8Array, edits: FileEdits['edits']): Uint8Array {
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (const { start, end, text } of edits) {
    parts.push(before.subarray(copied, start), Buffer.from(text));
    copied = end;
  }
  return new Uint8Array(Buffer.concat([...parts, before.subarray(copied)]));
}
