/** What can be wrong with a folder of evidence: the closed set of codes, each with what it means for the reader. */
export const FAILURES = Object.freeze({
  NO_STATEMENTS: 'There is nothing to verify',
  BUNDLE_MALFORMED: 'The file is not a bundle as Maestro writes it',
  KEY_SWAPPED: 'Signed by, or claiming, another key than the one that was pinned',
  PAYLOAD_CHANGED: 'The bytes of the statement are not the ones that were signed and logged',
  SUBJECT_MISMATCH: 'The statement is about something else than the rest of the evidence',
  PREDICATE_CHANGED: 'What the statement says, or the kind of statement it is, was changed',
  BASE_MISMATCH: 'The commit that the work started from is not the one that the other statements name',
  TREE_MISMATCH: 'What landed is not what was tested',
  SIGNATURE_INVALID: 'The signature is not of this statement',
  CHECKPOINT_INVALID: 'The checkpoint is not signed by the log',
  INCLUSION_INVALID: 'The proof does not show that the log holds this statement',
  LOG_REWRITTEN: 'The log is not the continuation of what it was: entries were dropped, changed or reordered',
  TRUST_ROOT_INVALID: 'The key of the log is not the one that the signed summary names',
  STATEMENT_MISSING: 'The signed summary lists a statement that is not here',
  STATEMENT_UNLISTED: 'The signed summary does not list this statement',
  PLUGINS_MISMATCH: 'The plugins that ran are not those that the provenance names, or an SBOM is of another digest',
  PATCH_CHANGED: 'The patch is not the one that the evidence is about',
  CARD_EDITED: 'The readable card is not the one that was signed',
  FILE_CHANGED: 'The file is not as it was exported',
  FILE_MISSING: 'A file that was exported is not here',
  FILE_UNLISTED: 'The file was not part of the export',
} as const satisfies { readonly [code: string]: string });

export type FailureCode = keyof typeof FAILURES;

export interface Failure {
  readonly code: FailureCode;
  /** Name of the statement, or of the file when it is not a statement. */
  readonly statement: string;
  readonly why: string;
}

/** Collects failures; only the first one found for a statement or file is kept, since the others follow from it. */
export class Findings {
  readonly #failures = new Map<string, Failure>();

  add(code: FailureCode, statement: string, why: string): void {
    if (!this.#failures.has(statement)) this.#failures.set(statement, { code, statement, why });
  }

  has(statement: string): boolean {
    return this.#failures.has(statement);
  }

  list(): readonly Failure[] {
    return [...this.#failures.values()];
  }
}
