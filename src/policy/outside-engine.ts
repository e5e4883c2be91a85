import { MaestroError } from '#kernel/error.ts';
import type { PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';
import type { Reason } from '#domain/reason.ts';
import { readAnswer } from './answer.ts';
import { PolicyError } from './errors.ts';
import type { PolicyEngine, PolicySource } from './ports.ts';
import { textFault } from './text-fault.ts';

/** The one place that fails closed: without a readable answer the action is denied, with a reason that says why. */
export function outsideEngine(source: PolicySource): PolicyEngine {
  return {
    name: source.name,
    decide: async (input, signal) => {
      try {
        const fault = textFault(input);
        if (fault !== undefined) return denied(source, fault);
        return await asked(source, input, signal);
      } catch (error) {
        return denied(source, engineFault(source, error));
      }
    },
  };
}

async function asked(
  source: PolicySource,
  input: PolicyInput,
  signal: AbortSignal | undefined,
): Promise<Omit<PolicyDecision, 'id'>> {
  const { answer, policyDigest, engineDecision } = await source.ask(input, signal);
  return {
    ...readAnswer(answer),
    engine: source.name,
    policyDigest,
    ...(engineDecision === undefined ? {} : { engineDecision }),
  };
}

function denied(source: PolicySource, reason: Reason): Omit<PolicyDecision, 'id'> {
  return {
    allow: false,
    reasons: [reason],
    obligations: [],
    engine: source.name,
    policyDigest: source.policyDigest,
  };
}

function engineFault({ name }: PolicySource, error: unknown): Reason {
  const { code, message, cure } = isFault(error) ? error : new PolicyError('POLICY_ENGINE_FAILED', String(error));
  return { code, msg: `${name}: ${message}`, field: 'engine', fix: cure };
}

function isFault(error: unknown): error is MaestroError {
  return error instanceof MaestroError;
}
