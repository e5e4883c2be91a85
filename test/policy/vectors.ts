import { readFileSync } from 'node:fs';
import type { PolicyInput } from '#domain/policy-decision.ts';

export interface Vector {
  readonly name: string;
  readonly input: PolicyInput;
  readonly deny: readonly string[];
  readonly person: readonly string[];
}

/** The cases that every engine passes. */
export const VECTORS = JSON.parse(
  readFileSync(new URL('../../policies/vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];
