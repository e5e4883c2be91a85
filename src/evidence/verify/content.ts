import { sha256 } from '#kernel/digest.ts';
import { FILES } from '../folder/names.ts';
import { KINDS, kindOf, type StatementKind } from '../predicates/kinds.ts';
import type { FolderFiles } from '../ports.ts';
import { basesOf, wrongBase } from './facts.ts';
import type { Findings } from './failures.ts';
import { type Genuine, textOf } from './folder.ts';

/** What genuine statements say must fit together, and fit the patch and the card beside them. */
export function checkContent(genuine: readonly Genuine[], files: FolderFiles, findings: Findings): void {
  for (const each of genuine) checkKind(each, findings);
  const sound = genuine.filter(({ name }) => !findings.has(name));
  for (const each of sound) {
    const bases = basesOf(each);
    const others = sound.map(basesOf).filter((other) => other !== undefined);
    const wrong = bases && wrongBase(bases, others);
    if (wrong !== undefined) findings.add('BASE_MISMATCH', each.name, wrong);
  }
  checkTrees(sound, findings);
  checkCard(sound, files, findings);
}

function checkKind({ name, statement }: Genuine, findings: Findings): void {
  const kind = kindOf(name);
  if (kind === undefined) return; // not listed in the summary, which is reported there
  const { predicateType, schema } = KINDS[kind];
  if (statement.predicateType !== predicateType || !schema.safeParse(statement.predicate).success) {
    findings.add('PREDICATE_CHANGED', name, `a statement of this name is of type ${predicateType}`);
  }
}

function checkTrees(sound: readonly Genuine[], findings: Findings): void {
  const reports = ofKind(sound, 'test-result').map(({ name, statement }) => {
    const tree = KINDS['test-result'].schema.parse(statement.predicate).maestro_report.tree;
    const about = statement.subject[0]?.digest['gitTree'];
    if (about !== undefined && about !== tree) {
      findings.add('TREE_MISMATCH', name, `tested tree ${tree}, the subject is tree ${about}`);
    }
    return tree;
  });
  // Then it is already refused, and the landing is not to blame.
  const reportIsLost = findings.list().some((failure) => kindOf(failure.statement) === 'test-result');
  for (const { name, statement } of ofKind(sound, 'landing')) {
    const { tested, landed, compareAndSwap } = KINDS.landing.schema.parse(statement.predicate);
    const about = statement.subject[0]?.digest ?? {};
    if (landed.tree !== tested.tree || !(reports.includes(landed.tree) || reportIsLost)) {
      findings.add('TREE_MISMATCH', name, `landed tree ${landed.tree}, tested ${[tested.tree, ...reports].join(', ')}`);
    }
    if (
      landed.commit !== compareAndSwap.to ||
      landed.commit !== about['gitCommit'] ||
      landed.tree !== about['gitTree']
    ) {
      findings.add('SUBJECT_MISMATCH', name, `landed ${landed.commit}, the subject is ${about['gitCommit']}`);
    }
  }
}

function checkCard(sound: readonly Genuine[], files: FolderFiles, findings: Findings): void {
  const card = ofKind(sound, 'decision-card').at(-1);
  const text = textOf(files, FILES.card);
  if (card === undefined || text === undefined) return;
  const signed = KINDS['decision-card'].schema.parse(card.statement.predicate).text;
  if (signed !== text) findings.add('CARD_EDITED', FILES.card, `it is not the text signed in ${card.name}`);
}

/** The patch must be the one whose digest is in the main subject. */
export function checkPatch(summary: Genuine, files: FolderFiles, findings: Findings): void {
  const { gitCommit, sha256: digest } = summary.statement.subject[0]?.digest ?? {};
  const patch = files.get(FILES.patch);
  if (gitCommit === undefined || patch === undefined) return;
  if (sha256(patch) !== digest) findings.add('PATCH_CHANGED', FILES.patch, `the subject has digest ${digest}`);
}

function ofKind(statements: readonly Genuine[], kind: StatementKind): readonly Genuine[] {
  return statements
    .filter(({ name }) => kindOf(name) === kind)
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
