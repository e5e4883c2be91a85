import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GitOid } from '#domain/ids.ts';
import { exportDossier, patchArguments } from '#evidence/index.ts';
import type { EvidenceFolders, Signer } from '#evidence/ports.ts';
import { type Desk, newKeys, openDesk } from './desk.ts';
import { type Edit, turned, withBundle, withFile, withStatement } from './edit.ts';
import {
  continues,
  cosignProgram,
  filesAsSigned,
  missingStatements,
  type Pinned,
  subjectIsInGit,
  verifyWithCosign,
  verifyWithOpenssl,
  verifyWithSigstore,
} from './others.ts';
import { oid, recordLanded, recordRefused, type SampleChange, sampleTask } from './sample.ts';

const cosign = cosignProgram();
if (cosign === undefined) console.log('skipped: cosign is not installed (COSIGN names it)');
const task = sampleTask('task_2');
const refused = sampleTask('task_1', 'denied');
let root: string;
let change: SampleChange;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'maestro-evidence-'));
  change = realChange(join(root, 'repo'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A commit on a commit, with a text, a binary file, a rename and a name that is not ASCII. */
function realChange(repo: string): SampleChange {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-C', repo, ...args]);
  execFileSync('git', ['init', '-q', '-b', 'main', repo]);
  writeFileSync(join(repo, 'user.ts'), 'export function fetchUser() {}\n'.repeat(20));
  writeFileSync(join(repo, 'logo.png'), Buffer.from([0x89, 0, 1, 2, 255]));
  git('add', '.');
  git('commit', '-qm', 'base');
  git('mv', 'user.ts', 'größe.ts');
  writeFileSync(join(repo, 'logo.png'), Buffer.from([0x89, 0, 9, 2, 255]));
  git('add', '.');
  git('commit', '-qm', 'change');
  const oidOf = (name: string) => git('rev-parse', name).toString().trim() as GitOid;
  const [base, commit, tree] = [oidOf('HEAD~'), oidOf('HEAD'), oidOf('HEAD^{tree}')];
  return { base, commit, tree, patch: git(...patchArguments(base, commit)) };
}

interface Exported {
  readonly desk: Desk;
  readonly dir: string;
  readonly refusedDir: string;
  readonly pinned: Pinned;
  readonly earlier: string;
}

/** A log with two tasks, both exported; what a reader pins was noted before. */
async function exportBoth(name: string, keys: { signer: Signer; logSigner: Signer }): Promise<Exported> {
  const desk = await openDesk(keys);
  await recordRefused(desk, refused);
  const earlier = (await desk.sql.tx((tx) => desk.log.checkpoint(tx)))!;
  const key = join(root, `${name}.pem`);
  writeFileSync(key, keys.signer.publicKeyPem);
  await recordLanded(desk, task, change);
  const [dir, refusedDir] = [join(root, name), join(root, `${name}-refused`)];
  await exportDossier(desk, { dossier: { task: task.id, attempt: 1 }, dir, patch: change.patch, since: [earlier] });
  await exportDossier(desk, { dossier: { task: refused.id, attempt: 1 }, dir: refusedDir, since: [earlier] });
  await desk.close();
  const trustedRoot = readFileSync(join(refusedDir, 'trusted_root.json'), 'utf8');
  return { desk, dir, refusedDir, pinned: { key, trustedRoot }, earlier };
}

async function tampered(folders: EvidenceFolders, dir: string, edit: Edit): Promise<string> {
  const copy = join(root, 'tampered');
  await folders.write(copy, edit(await folders.read(dir)));
  return copy;
}

test('the programs of others import nothing of ours', () => {
  const imports = readFileSync(new URL('./others.ts', import.meta.url), 'utf8').matchAll(/from '([^']+)'/g);

  const ours = [...imports].map(([, name]) => name!).filter((name) => /^[#./]/.test(name));
  expect(ours).toEqual(['./rfc6962.ts']); // which is the text of the RFC and imports node:crypto alone
});

describe.each(['ed25519', 'ecdsa-p256-sha256'] as const)('evidence signed with %s', (algorithm) => {
  let all: Exported;

  beforeAll(async () => {
    all = await exportBoth(algorithm, newKeys(algorithm));
  });

  test('signature and inclusion verify with @sigstore/verify', () => {
    expect(verifyWithSigstore(all.dir, all.pinned)).toBe(6);
    expect(verifyWithSigstore(all.refusedDir, all.pinned)).toBe(3);
  });

  test('signatures, files and completeness verify with openssl', async () => {
    expect(await verifyWithOpenssl(all.dir, all.pinned)).toBe('OK: 5 statements and their summary\n');
    expect(await verifyWithOpenssl(all.refusedDir, all.pinned)).toBe('OK: 2 statements and their summary\n');
  });

  test('digests of the summary, the card and the patch verify with plain SHA-256', () => {
    expect(missingStatements(all.dir)).toEqual([]);
    expect(filesAsSigned(all.dir)).toEqual({ card: true, patch: true });
    expect(filesAsSigned(all.refusedDir)).toEqual({ card: true, patch: undefined });
  });

  test('the subject verifies with git: its tree, and the patch that leads to it', async () => {
    expect(await subjectIsInGit(all.dir, join(root, 'repo'))).toBe(true);
  });

  test('the log continues the one of the pinned checkpoint, by the recursion of RFC 6962', () => {
    expect(continues(all.dir, all.earlier, all.pinned)).toBe(true);
  });
});

describe('cosign', () => {
  test.skipIf(cosign === undefined)('verifies signature, inclusion and what evidence is about', async () => {
    const all = await exportBoth('cosign', newKeys('ecdsa-p256-sha256'));

    expect(await verifyWithCosign(cosign ?? '', all.dir, all.pinned)).toBe(6);
    expect(await verifyWithCosign(cosign ?? '', all.refusedDir, all.pinned)).toBe(3);
  });
});

describe('tampering is refused by those whose business it is', () => {
  const entry = 'verificationMaterial.tlogEntries.0';
  let all: Exported;

  beforeAll(async () => {
    all = await exportBoth('tamper', newKeys('ecdsa-p256-sha256'));
  });

  const byLog: [string, Edit][] = [
    [
      'checkpoint',
      withBundle('landing', `${entry}.inclusionProof.checkpoint.envelope`, (note) => note.replace('\n7\n', '\n8\n')),
    ],
    [
      'reordered log path',
      withBundle('landing', `${entry}.inclusionProof.hashes`, (list) => JSON.parse(list).toReversed()),
    ],
    ['log entry', withBundle('landing', `${entry}.canonicalizedBody`, () => 'e30=')],
  ];
  const bySignature: [string, Edit][] = [
    ['payload', withBundle('landing', 'dsseEnvelope.payload', turned)],
    ['signature', withBundle('landing', 'dsseEnvelope.signatures.0.sig', turned)],
    ['subject', withStatement('landing', 'subject.0.digest.gitTree', () => oid('x'))],
    ['predicate', withStatement('test-result', 'predicate.result', () => 'FAILED')],
    ['wrong base', withStatement('landing', 'predicate.change.base', () => oid('x'))],
  ];

  test.each([...byLog, ...bySignature])('%s: @sigstore/verify', async (_, edit) => {
    const dir = await tampered(all.desk.folders, all.dir, edit);

    expect(() => verifyWithSigstore(dir, all.pinned)).toThrow();
  });

  test
    .skipIf(cosign === undefined)
    .each<[string, Edit]>([...byLog, ...bySignature, ['edited patch', withFile('patch.bin', (text) => `${text}x`)]])(
    '%s: cosign',
    async (_, edit) => {
      const dir = await tampered(all.desk.folders, all.dir, edit);

      await expect(verifyWithCosign(cosign ?? '', dir, all.pinned)).rejects.toThrow('Error: ');
    },
  );

  test.each<[string, Edit]>([
    ...bySignature,
    ['dropped statement', withFile('test-result.sigstore.json', () => undefined)],
    ['dropped summary', withFile('summary.sigstore.json', () => undefined)],
    ['edited card', withFile('card.md', (text) => `${text}approved`)],
    ['one file more', withFile('notes.txt', () => 'all good')],
  ])('%s: openssl', async (_, edit) => {
    const dir = await tampered(all.desk.folders, all.dir, edit);

    await expect(verifyWithOpenssl(dir, all.pinned)).rejects.toThrow('FAILED');
  });

  test('a dropped statement and an edited card: plain SHA-256', async () => {
    const dropped = await tampered(
      all.desk.folders,
      all.dir,
      withFile('test-result.sigstore.json', () => undefined),
    );
    expect(missingStatements(dropped)).toEqual(['test-result.sigstore.json']);

    const edited = await tampered(
      all.desk.folders,
      all.dir,
      withFile('card.md', (text) => `${text}approved`),
    );
    expect(filesAsSigned(edited).card).toBe(false);
  });

  test('a swapped key: everybody, with everything signed anew', async () => {
    const other = await exportBoth('swapped', {
      ...newKeys('ecdsa-p256-sha256'),
      logSigner: all.desk.logSigner,
    });

    expect(() => verifyWithSigstore(other.dir, all.pinned)).toThrow('signature verification failed');
    await expect(verifyWithOpenssl(other.dir, all.pinned)).rejects.toThrow('not signed by this key');
    if (cosign !== undefined) await expect(verifyWithCosign(cosign, other.dir, all.pinned)).rejects.toThrow('Error: ');
  });

  test('a dropped leaf, with everything signed anew by the same keys: the pinned checkpoint', async () => {
    const desk = await openDesk(all.desk);
    await recordLanded(desk, task, change);
    const dir = join(root, 'dropped');
    await exportDossier(desk, { dossier: { task: task.id, attempt: 1 }, dir, patch: change.patch });
    await desk.close();

    expect(verifyWithSigstore(dir, all.pinned)).toBe(6);
    expect(continues(dir, all.earlier, all.pinned)).toBe(false);
  });
});
