/** What each rule of a merge decided, in words for the person who reads the card. */
const rules = {
  git: 'git merged the lines by itself',
  disjoint: 'the sides changed different parts of the syntax',
  imports: 'imports were merged as a set of names, by what the merged code uses',
  'both-added': 'both sides added items where order means nothing; both stand once',
  'both-inserted': 'both sides inserted statements, branches or elements at one place; ours stand first',
  contained: "one side's additions include the other's",
  beside: 'the sides changed different parts of one expression',
  tokens: 'the sides changed different tokens of one piece of code',
  wider: "both sides inserted code at one place and one side's includes the other's",
  format: 'one side changed only the formatting',
  'same-code': 'both sides wrote the same code, formatted differently',
  'text-lines': 'the sides changed different lines inside one literal',
  version: 'both sides raised one version; the higher stands',
  adjoining: 'the sides changed neighbouring statements or elements',
  moved: "one side's edit was applied where the other side moved the code",
  deeper: "one side's deletions include the other's",
  rename: "one side's rename was applied to the other side's code",
} as const;

export type Rule = keyof typeof rules;

/** The sentence of a rule. */
export function explain(rule: Rule): string {
  return rules[rule];
}
