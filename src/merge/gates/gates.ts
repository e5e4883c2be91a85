import type { Fault, OpenFile } from '../languages/language.ts';
import type { Step } from '../tree/outcome.ts';
import type { SyntaxNode } from '../tree/node.ts';
import { imbalance } from './balance.ts';
import type { Imbalance } from './balance.ts';

/** One check of a merged text; a failed gate is a hard stop. */
export interface GateResult {
  readonly gate: string;
  readonly ok: boolean;
  /** What failed, with the facts; empty when it passed. */
  readonly detail: string;
}

/** Checks a merged text against the versions it came from. */
export function checkGates(file: OpenFile, merged: string, steps: readonly Step[]): readonly GateResult[] {
  const judged = file.judge(merged);
  if (!judged) return [failed('parses', 'the merged text has a syntax error')];
  const named = (gate: Fault['gate']): string[] =>
    judged.faults.filter((fault) => fault.gate === gate).map((fault) => fault.name);
  return [
    passed('parses'),
    verdict('names resolve', named('unknown-name'), 'a name that both sides knew is unknown'),
    verdict('declared once', named('double-name'), 'a name is declared twice'),
    verdict('keys once', named('double-key'), 'a key stands twice'),
    verdict('values of a side', named('strange-value'), 'a value that neither side has'),
    balanceGate(file, judged.tree, steps),
  ];
}

function balanceGate(file: OpenFile, tree: SyntaxNode, steps: readonly Step[]): GateResult {
  const rules = new Set(steps.map((step) => step.rule));
  // Imports come and go by use, and of two raised versions one goes: both are decisions, not losses.
  const isExempt = ({ kind }: SyntaxNode): boolean => rules.has('imports') && kind === 'Item:ImportDeclaration';
  const isVersion = ({ word }: Imbalance): boolean => rules.has('version') && /^["'][\^~>=v]*\d/.test(word);
  const found = imbalance(file.trees, tree, isExempt).filter((one) => !isVersion(one));
  const words = found.map((one) => one.word);
  return verdict('nothing lost or doubled', words, 'words are missing, return, or stand too often');
}

function passed(gate: string): GateResult {
  return { gate, ok: true, detail: '' };
}

function failed(gate: string, detail: string): GateResult {
  return { gate, ok: false, detail };
}

function verdict(gate: string, names: readonly string[], meaning: string): GateResult {
  return names.length === 0 ? passed(gate) : failed(gate, `${meaning}: ${names.slice(0, 3).join(', ')}`);
}
