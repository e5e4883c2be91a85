import { sha256 } from '#kernel/digest.ts';
import { FILES } from '../folder/names.ts';
import { kindOf } from '../predicates/kinds.ts';
import { PLUGIN_DEPENDENCY } from '../predicates/provenance.ts';
import type { FolderFiles } from '../ports.ts';
import type { Subject } from '../statement.ts';
import { basesOf, wrongBase } from './bases.ts';
import type { Findings } from './failures.ts';
import { textOf } from './folder.ts';
import { ofKind, type Sound } from './sound.ts';

/** What genuine statements say must fit together, and fit the card beside them. */
export function checkContent(sound: readonly Sound[], files: FolderFiles, findings: Findings): void {
  const bases = sound.map((each) => ({ name: each.name, bases: basesOf(each) }));
  const known = bases.map((each) => each.bases).filter((each) => each !== undefined);
  for (const { name, bases: own } of bases) {
    const wrong = own && wrongBase(own, known);
    if (wrong !== undefined) findings.add('BASE_MISMATCH', name, wrong);
  }
  checkTrees(sound, findings);
  checkPlugins(sound, findings);
  checkCard(sound, files, findings);
}

function checkTrees(sound: readonly Sound[], findings: Findings): void {
  const trees: string[] = [];
  for (const { name, subject, predicate } of ofKind(sound, 'test-result')) {
    const { tree } = predicate.maestro_report;
    trees.push(tree);
    if (!subject.some(({ digest }) => digest['gitTree'] === tree)) {
      findings.add('TREE_MISMATCH', name, `tested tree ${tree}, which is not its subject`);
    }
  }
  // Then it is already refused, and the landing is not to blame.
  const reportIsLost = findings.list().some((failure) => kindOf(failure.statement) === 'test-result');
  for (const { name, subject, predicate } of ofKind(sound, 'landing')) {
    const { tested, landed, compareAndSwap } = predicate;
    const about = subject[0]?.digest ?? {};
    if (landed.tree !== tested.tree || !(trees.includes(landed.tree) || reportIsLost)) {
      findings.add('TREE_MISMATCH', name, `landed tree ${landed.tree}, tested ${[tested.tree, ...trees].join(', ')}`);
    }
    const isAbout = landed.commit === about['gitCommit'] && landed.tree === about['gitTree'];
    if (landed.commit !== compareAndSwap.to || !isAbout) {
      findings.add('SUBJECT_MISMATCH', name, `landed ${landed.commit}, the subject is ${about['gitCommit']}`);
    }
  }
}

function checkPlugins(sound: readonly Sound[], findings: Findings): void {
  const statements = ofKind(sound, 'plugins');
  const provenances = ofKind(sound, 'provenance');
  for (const { name, predicate } of statements) {
    const other = predicate.plugins.find(({ sbom, digests }) => sbom !== null && sha256(sbom) !== digests.sbom);
    if (other !== undefined) findings.add('PLUGINS_MISMATCH', name, `the SBOM of ${other.id} has another digest`);
  }
  // Then one of the two is already refused, and the other is not to blame.
  const lost = findings.list().some(({ statement }) => ['provenance', 'plugins'].includes(kindOf(statement) ?? ''));
  if (lost) return;
  const named = provenances.flatMap(({ predicate }) =>
    predicate.buildDefinition.resolvedDependencies
      .filter(({ name }) => name.startsWith(PLUGIN_DEPENDENCY))
      .map(({ name, digest }) => `${name} ${digest['sha256'] ?? ''}`),
  );
  const ran = statements.flatMap(({ predicate }) =>
    predicate.plugins.map(({ id, digests }) => `${PLUGIN_DEPENDENCY}${id} ${digests.module}`),
  );
  const about = (statements[0] ?? provenances[0])?.name ?? '';
  const [first] = [...ran.filter((each) => !named.includes(each)), ...named.filter((each) => !ran.includes(each))];
  if (first !== undefined)
    findings.add('PLUGINS_MISMATCH', about, `${first} stands in only one of plugins and provenance`);
}

function checkCard(sound: readonly Sound[], files: FolderFiles, findings: Findings): void {
  const card = ofKind(sound, 'decision-card').at(-1);
  const text = textOf(files, FILES.card);
  if (card === undefined || text === undefined || card.predicate.text === text) return;
  findings.add('CARD_EDITED', FILES.card, `it is not the text signed in ${card.name}`);
}

/** The patch must be the one whose digest is in the main subject. */
export function checkPatch(main: Subject | undefined, files: FolderFiles, findings: Findings): void {
  const { gitCommit, sha256: digest } = main?.digest ?? {};
  const patch = files.get(FILES.patch);
  if (gitCommit === undefined || patch === undefined || sha256(patch) === digest) return;
  findings.add('PATCH_CHANGED', FILES.patch, `the subject has digest ${digest}`);
}
