import { FILES, fileOf, statementOf } from '../folder/names.ts';
import { compareSums } from '../folder/sums.ts';
import type { EvidenceFolders, FolderFiles } from '../ports.ts';
import { CLOSING, kindOf } from '../predicates/kinds.ts';
import { type PublicKey, publicKeyFromPem } from '../public-key.ts';
import { readTrustedRoot } from '../trusted-root.ts';
import { checkContent, checkPatch } from './content.ts';
import { whatChanged } from './changed-payload.ts';
import { type Failure, FAILURES, Findings } from './failures.ts';
import { type Found, findStatements, type Genuine, textOf } from './folder.ts';
import { checkListing } from './listing.ts';
import { checkLogView } from './log-view.ts';
import { brokenInclusion, brokenSignature } from './seal.ts';
import { ofKind, type Sound, soundOf } from './sound.ts';

export interface VerifyOptions {
  /** The signer's public key, PEM, known from elsewhere than the folder. */
  readonly pinnedKey: string;
  /** A checkpoint of the log that the reader kept; without one, entries dropped by whoever holds the log's key go unseen. */
  readonly earlierCheckpoint?: string;
}

export interface Verification {
  readonly ok: boolean;
  /** Number of statements in the folder, the summary included. */
  readonly statements: number;
  readonly failures: readonly Failure[];
}

/** Verifies an exported folder. Throws KEY_UNSUPPORTED for a pinned key that is none, and what the folder's reading throws. */
export async function verifyDirectory(
  folders: EvidenceFolders,
  dir: string,
  options: VerifyOptions,
): Promise<Verification> {
  return verifyFiles(await folders.read(dir), options);
}

/** Verifies the files of an exported folder: pure, needs nothing else than these arguments. */
export function verifyFiles(files: FolderFiles, options: VerifyOptions): Verification {
  const key = publicKeyFromPem(options.pinnedKey);
  const findings = new Findings();
  const found = findStatements(files);
  if (found.length === 0) {
    return {
      ok: false,
      statements: 0,
      failures: [{ code: 'NO_STATEMENTS', statement: '', why: FAILURES.NO_STATEMENTS }],
    };
  }
  if (files.has(FILES.signer) && textOf(files, FILES.signer) !== key.pem) {
    findings.add('KEY_SWAPPED', FILES.signer, `pinned is ${key.keyId}`);
  }
  const genuine = checkSignatures(found, key, findings);
  const sound = checkKinds(genuine, findings);
  const [summary] = ofKind(sound, CLOSING);
  if (!found.some(({ name }) => name === CLOSING)) {
    findings.add('STATEMENT_MISSING', CLOSING, 'without it no one knows what else is missing');
  }
  if (summary !== undefined) checkListing(summary, { found, genuine }, findings);
  checkPatch(summary?.subject[0], files, findings);
  checkLog(genuine, summary?.predicate.maestro_log.logId, files, options, findings);
  checkContent(
    sound.filter(({ name }) => !findings.has(name)),
    files,
    findings,
  );
  checkSums(files, key, findings);
  const failures = findings.list();
  return { ok: failures.length === 0, statements: found.length, failures };
}

function checkSignatures(found: readonly Found[], key: PublicKey, findings: Findings): readonly Genuine[] {
  const genuine: Genuine[] = [];
  const changed: Found[] = [];
  for (const each of found) {
    const { name, parts, statement } = each;
    const broken = parts && brokenSignature(parts, key);
    if (parts === undefined) findings.add('BUNDLE_MALFORMED', name, FAILURES.BUNDLE_MALFORMED);
    else if (broken?.code === 'PAYLOAD_CHANGED') changed.push(each);
    else if (broken !== undefined) findings.add(broken.code, name, broken.why);
    else if (statement === undefined) findings.add('PREDICATE_CHANGED', name, 'what was signed is not a statement');
    else genuine.push({ name, parts, statement });
  }
  for (const each of changed) {
    const { code, why } = whatChanged(each, genuine);
    findings.add(code, each.name, why);
  }
  return genuine;
}

function checkKinds(genuine: readonly Genuine[], findings: Findings): readonly Sound[] {
  const sound: Sound[] = [];
  for (const { name, statement } of genuine) {
    const read = soundOf(name, statement);
    if (read !== undefined) sound.push(read);
    // A name of no kind that we know is a matter of the summary, which may list what later versions write.
    else if (kindOf(name) !== undefined) findings.add('PREDICATE_CHANGED', name, 'it is no statement of this kind');
  }
  return sound;
}

function checkLog(
  genuine: readonly Genuine[],
  logId: string | undefined,
  files: FolderFiles,
  options: VerifyOptions,
  findings: Findings,
): void {
  const log = readTrustedRoot(textOf(files, FILES.trustedRoot) ?? '');
  if (log === undefined || (logId !== undefined && log.logId !== logId)) {
    const why = log === undefined ? 'it is not as Maestro writes it' : `the summary names log ${logId}`;
    return findings.add('TRUST_ROOT_INVALID', FILES.trustedRoot, why);
  }
  const included = genuine.filter(({ name, parts }) => {
    const broken = brokenInclusion(parts, log);
    if (broken !== undefined) findings.add(broken.code, name, broken.why);
    return broken === undefined;
  });
  checkLogView(log, included, files, options.earlierCheckpoint, findings);
}

/** What no other check looks at: every byte of every file is covered by sums that the signer signed. */
function checkSums(files: FolderFiles, key: PublicKey, findings: Findings): void {
  const sums = files.get(FILES.sums);
  const signature = files.get(FILES.sumsSignature);
  if (sums === undefined) return findings.add('FILE_MISSING', FILES.sums, FAILURES.FILE_MISSING);
  if (signature === undefined) return findings.add('FILE_MISSING', FILES.sumsSignature, FAILURES.FILE_MISSING);
  if (!key.verifies(sums, signature)) {
    // After other failures this one only follows from them.
    const first = findings.list().length === 0;
    if (first) findings.add('FILE_CHANGED', FILES.sums, 'its signature is not of the pinned key');
    return;
  }
  for (const { file, code } of compareSums(Buffer.from(sums).toString('utf8'), files)) {
    const name = statementOf(file) ?? file;
    findings.add(code, fileOf(name) === file ? name : file, FAILURES[code]);
  }
}
