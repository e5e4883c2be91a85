// Told here as well, so that the table of errors does not load the compiler behind the other door.
/** One file that three versions disagree on; paths are relative to the repository's root. */
export interface ConflictedFile {
  readonly path: string;
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Git's own merge of a file: clean, or with `diff3` markers where both sides changed the same lines. */
export interface LineMerge {
  readonly clean: boolean;
  readonly text: string;
}

/** Git's line merge, which always comes first. */
export interface LineMerger {
  merge(file: ConflictedFile): Promise<LineMerge>;
}

/** Which files the merged tree holds, to see that relative imports still lead somewhere. */
export interface MergedTree {
  has(path: string): Promise<boolean>;
}

/** What a merge of one file came to. */
export interface Resolution {
  readonly status: 'resolved' | 'conflict';
  /** The merged text; markers stand in it where the status is `conflict`. */
  readonly text: string;
  readonly tier: 'auto' | 'suggest' | 'leave';
  /** Calibrated probability that people would have written the same; in [0, 1]. */
  readonly confidence: number;
  readonly rule: string;
  readonly reasons: readonly string[];
  /** True: no merge of texts can answer, the package manager has to make the file anew. */
  readonly isLockFile?: boolean;
}

/** Reconciles conflicting files; what landing asks for. */
export interface MergeResolver {
  resolve(file: ConflictedFile): Promise<Resolution>;
}
