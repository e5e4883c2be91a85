import { sha256 } from '#kernel/digest.ts';
import type { GateResult } from './gates/gates.ts';
import type { ConflictedFile, Resolution } from './ports.ts';
import type { Step } from './tree/outcome.ts';

/** How a merge was reached. */
export interface HowMerged {
  readonly language: string;
  readonly steps: readonly Step[];
  readonly gates: readonly GateResult[];
  /** Lines of both sides between git's markers, for each of its conflicts. */
  readonly conflicts: readonly number[];
}

/** Everything that a Decision Card says about one merged file. */
export interface MergeRecord extends HowMerged {
  readonly path: string;
  readonly status: Resolution['status'];
  readonly tier: Resolution['tier'];
  readonly rule: string;
  readonly confidence: number;
  /** SHA-256 of the three inputs and of the result, in hex. */
  readonly digests: { readonly base: string; readonly ours: string; readonly theirs: string; readonly merged: string };
  readonly reasons: readonly string[];
}

/** A resolution with the record of how it was reached. */
export interface RecordedResolution extends Resolution {
  readonly record: MergeRecord;
}

/** Adds the record to a resolution. */
export function recorded(file: ConflictedFile, resolution: Resolution, how: HowMerged): RecordedResolution {
  const { status, tier, rule, confidence, reasons } = resolution;
  const digests = {
    base: sha256(file.base),
    ours: sha256(file.ours),
    theirs: sha256(file.theirs),
    merged: sha256(resolution.text),
  };
  return { ...resolution, record: { path: file.path, status, tier, rule, confidence, reasons, digests, ...how } };
}
