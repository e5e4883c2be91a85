import { sha256 } from '#kernel/digest.ts';
import { fileOf, statementOf } from '../folder/names.ts';
import { CLOSING } from '../predicates/kinds.ts';
import type { Summary } from '../predicates/summary.ts';
import { sameSubject } from '../statement.ts';
import type { Findings } from './failures.ts';
import type { Found, Genuine } from './folder.ts';

/** The signed summary against what lies here: nothing dropped, nothing added, all about the same thing. */
export function checkListing(
  closing: { readonly genuine: Genuine; readonly summary: Summary },
  here: { readonly found: readonly Found[]; readonly genuine: readonly Genuine[] },
  findings: Findings,
): void {
  const listed = new Map(closing.summary.inputAttestations.map(({ uri, digest }) => [uri, digest.sha256]));
  for (const file of listed.keys()) {
    const name = statementOf(file) ?? file;
    if (!here.found.some((each) => each.name === name)) {
      findings.add('STATEMENT_MISSING', name, `the summary lists it with digest ${listed.get(file)}`);
    }
  }
  const covered = closing.genuine.statement.subject;
  for (const { name, statement, parts } of here.genuine) {
    if (name === CLOSING) continue;
    const stranger = statement.subject.find((subject) => !covered.some((each) => sameSubject(each, subject)));
    if (stranger !== undefined) {
      findings.add('SUBJECT_MISMATCH', name, `it is about ${stranger.name}, the summary is not`);
    }
    if (listed.get(fileOf(name)) !== sha256(parts.payload)) {
      findings.add('STATEMENT_UNLISTED', name, 'the summary lists no statement of this name and digest');
    }
  }
}
