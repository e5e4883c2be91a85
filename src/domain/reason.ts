/**
 * Why something was refused, throttled or left to a person. One source for the command line, the card and the evidence.
 * `field` is a path into the input (`task.repo`), `fix` the smallest safe next step.
 */
export type Reason = {
  readonly code: string;
  readonly msg: string;
  readonly field: string;
  readonly fix: string;
};
