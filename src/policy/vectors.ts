import { z } from 'zod';
import type { PolicyInput } from '#domain/policy-decision.ts';
import { PolicyError } from './errors.ts';
import type { PolicyEngine } from './ports.ts';

/** One case with the codes that it must be given, in order. */
export interface Vector {
  readonly name: string;
  readonly input: PolicyInput;
  readonly deny: readonly string[];
  readonly person: readonly string[];
}

export type VectorFailure = {
  readonly name: string;
  readonly wanted: readonly string[];
  readonly got: readonly string[];
};

const codes = z.array(z.string()).readonly();
const schema = z.array(z.object({ name: z.string(), input: z.unknown(), deny: codes, person: codes }));

/** Throws POLICY_VECTORS_INVALID. */
export function readVectors(document: unknown): readonly Vector[] {
  const read = schema.safeParse(document);
  if (!read.success) {
    throw new PolicyError('POLICY_VECTORS_INVALID', `these are no cases: ${z.prettifyError(read.error)}`);
  }
  // The cast is what cases are about: an engine must deny inputs of any shape.
  return read.data.map((vector) => ({ ...vector, input: vector.input as PolicyInput }));
}

/** The cases that an engine decides otherwise. Own rules add codes behind those of the shipped cases: `additions` lets them. */
export async function runVectors(
  engine: PolicyEngine,
  vectors: readonly Vector[],
  additions: boolean,
): Promise<readonly VectorFailure[]> {
  const failures: VectorFailure[] = [];
  for (const { name, input, deny, person } of vectors) {
    const { reasons, obligations } = await engine.decide(input);
    const said = reasons.map(({ code }) => code);
    const asked = obligations.map(({ because }) => because.code);
    const same = agrees(said, deny, additions) && agrees(asked, person, additions);
    if (!same) failures.push({ name, wanted: [...deny, ...person], got: [...said, ...asked] });
  }
  return failures;
}

function agrees(said: readonly string[], wanted: readonly string[], additions: boolean): boolean {
  return (additions || said.length === wanted.length) && wanted.every((code, at) => said[at] === code);
}
