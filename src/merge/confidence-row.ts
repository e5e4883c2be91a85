/** How often people wrote the same as this rule, for conflicts of up to so many lines; measured on real merges. */
export interface ConfidenceRow {
  readonly rule: string;
  /** Lines between git's conflict markers, both sides and all blocks; null: any number. */
  readonly upToLines: number | null;
  readonly files: number;
  readonly agreed: number;
  /** `agreed / files`, smoothed towards the rule's mean and falling with size. */
  readonly confidence: number;
}
