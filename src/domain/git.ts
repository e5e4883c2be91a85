/** One call of git. Arguments are a list; paths in it are taken literally, never as patterns. */
export interface GitCommand {
  readonly args: readonly string[];
  /** Sets GIT_DIR, so that git never looks for a repository by itself. */
  readonly gitDir?: string;
  readonly workTree?: string;
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  readonly stdin?: string | Uint8Array;
  /** Exit codes that are an answer and not a fault; only 0 unless said. */
  readonly accept?: readonly number[];
  /** Most bytes of standard output; more is a fault. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
  /** Called with each line that git writes to standard error. */
  readonly onProgress?: (line: string) => void;
}

export interface GitOutput {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git. The machine's and the user's configuration, hooks, prompts, pagers and replaced objects have no part in it. */
export interface Git {
  /** Rejects with a fault that carries git's own words, or with the signal's reason. */
  run(command: GitCommand): Promise<GitOutput>;
  /** Standard output as UTF-8 without the last line end. */
  text(command: GitCommand): Promise<string>;
}
