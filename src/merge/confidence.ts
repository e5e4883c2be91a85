import type { Step } from './tree/outcome.ts';

export function confidenceOf(steps: readonly Step[]): { rule: string; confidence: number } {
  const rules = [...new Set(steps.map((step) => step.rule))].sort();
  return { rule: rules.join('+') || 'structure', confidence: 0.9 };
}
export function tierOf(confidence: number): 'auto' | 'suggest' {
  return confidence > 0.8 ? 'auto' : 'suggest';
}
