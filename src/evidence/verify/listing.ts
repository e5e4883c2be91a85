import { sha256 } from '#kernel/digest.ts';
import { fileOf, statementOf } from '../folder/names.ts';
import { CLOSING } from '../predicates/kinds.ts';
import { sameSubject } from '../statement.ts';
import type { Findings } from './failures.ts';
import type { Found, Genuine } from './folder.ts';
import type { Sound } from './sound.ts';

/** The signed summary against what lies here: nothing dropped, nothing added, all about the same thing. */
export function checkListing(
  summary: Extract<Sound, { kind: typeof CLOSING }>,
  here: { readonly found: readonly Found[]; readonly genuine: readonly Genuine[] },
  findings: Findings,
): void {
  const listed = new Map(summary.predicate.inputAttestations.map(({ uri, digest }) => [uri, digest.sha256]));
  for (const [file, digest] of listed) {
    const name = statementOf(file) ?? file;
    if (!here.found.some((each) => each.name === name)) {
      findings.add('STATEMENT_MISSING', name, `the summary lists it with digest ${digest}`);
    }
  }
  for (const { name, statement, parts } of here.genuine) {
    if (name === CLOSING) continue;
    const stranger = statement.subject.find((subject) => !summary.subject.some((each) => sameSubject(each, subject)));
    if (stranger !== undefined) {
      findings.add('SUBJECT_MISMATCH', name, `it is about ${stranger.name}, the summary is not`);
    }
    if (listed.get(fileOf(name)) !== sha256(parts.payload)) {
      findings.add('STATEMENT_UNLISTED', name, 'the summary lists no statement of this name and digest');
    }
  }
}
