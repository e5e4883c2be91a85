import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exported, newKeys, openDesk, type Desk } from '../../../test/evidence/desk.ts';
import { type Edit, turned, withBundle, withFile, withStatement } from '../../../test/evidence/edit.ts';
import {
  oid,
  recordLanded,
  recordRefused,
  sampleChange,
  sampleLanding,
  samplePlugin,
  sampleReport,
  sampleTask,
} from '../../../test/evidence/sample.ts';
import { sha256 } from '#kernel/digest.ts';
import type { FolderFiles } from '../ports.ts';
import { FAILURES } from './failures.ts';
import { verifyFiles } from './verify.ts';

const task = sampleTask('task_2');
const change = sampleChange();
const dossier = { task: task.id, attempt: 1 };
let desk: Desk;
let earlier: string;
let files: FolderFiles;

beforeAll(async () => {
  desk = await openDesk();
  await recordRefused(desk, sampleTask('task_1', 'denied'));
  earlier = (await desk.sql.tx((tx) => desk.log.checkpoint(tx)))!;
  await recordLanded(desk, task, change);
  await recordRefused(desk, sampleTask('task_3', 'denied'));
  files = await exported(desk, { dossier, patch: change.patch, since: [earlier] });
});

afterAll(() => desk.close());

const verify = (some: FolderFiles, pinned = desk.signer.publicKeyPem) =>
  verifyFiles(some, { pinnedKey: pinned, earlierCheckpoint: earlier });
const failures = (some: FolderFiles) => verify(some).failures.map(({ code, statement }) => [code, statement]);

/** What an insider leaves who holds both keys and writes another history. */
async function insider(write: (other: Desk) => Promise<void>, keys = desk as Parameters<typeof openDesk>[0]) {
  const other = await openDesk(keys);
  await write(other);
  const folder = await exported(other, { dossier, patch: change.patch });
  await other.close();
  return folder;
}

test('an untouched export verifies', () => {
  expect(verify(files)).toEqual({ ok: true, statements: 6, failures: [] });
});

test('an export of a task without a change verifies, and has no patch', async () => {
  const refused = await exported(desk, { dossier: { task: sampleTask('task_1').id, attempt: 1 }, since: [earlier] });

  expect(verify(refused)).toEqual({ ok: true, statements: 3, failures: [] });
  expect(refused.has('patch.bin')).toBe(false);
});

test('evidence signed with P-256 verifies', async () => {
  const p256 = newKeys('ecdsa-p256-sha256');
  const folder = await insider((other) => recordLanded(other, task, change), p256);

  expect(verifyFiles(folder, { pinnedKey: p256.signer.publicKeyPem })).toMatchObject({ ok: true, statements: 6 });
});

test('a folder without statements fails', () => {
  expect(verify(new Map())).toEqual({
    ok: false,
    statements: 0,
    failures: [{ code: 'NO_STATEMENTS', statement: '', why: FAILURES.NO_STATEMENTS }],
  });
});

const logEntry = 'verificationMaterial.tlogEntries.0';

describe('ten kinds of tampering are each refused with a code of its own', () => {
  const lineEnd = (payload: string) => Buffer.from(`${Buffer.from(payload, 'base64').toString()}\n`).toString('base64');
  const baseOfRun = 'predicate.buildDefinition.resolvedDependencies.0.digest.gitCommit';
  const envelope = `${logEntry}.inclusionProof.checkpoint.envelope`;
  const larger = (note: string) => note.replace('\n7\n', '\n70\n');
  const kinds: [kind: string, code: string, statement: string, edit: Edit][] = [
    ['payload', 'PAYLOAD_CHANGED', 'landing', withBundle('landing', 'dsseEnvelope.payload', lineEnd)],
    ['signature', 'SIGNATURE_INVALID', 'landing', withBundle('landing', 'dsseEnvelope.signatures.0.sig', turned)],
    ['subject', 'SUBJECT_MISMATCH', 'landing', withStatement('landing', 'subject.0.digest.gitTree', () => oid('x'))],
    ['predicate', 'PREDICATE_CHANGED', 'test-result', withStatement('test-result', 'predicate.result', () => 'FAILED')],
    ['dropped statement', 'STATEMENT_MISSING', 'test-result', withFile('test-result.sigstore.json', () => undefined)],
    ['checkpoint', 'CHECKPOINT_INVALID', 'landing', withBundle('landing', envelope, larger)],
    ['swapped key', 'KEY_SWAPPED', 'signer.pem', withFile('signer.pem', () => newKeys().signer.publicKeyPem)],
    ['wrong base', 'BASE_MISMATCH', 'provenance', withStatement('provenance', baseOfRun, () => oid('other'))],
    ['edited card', 'CARD_EDITED', 'card.md', withFile('card.md', (text) => text.replace('landed', 'denied'))],
  ];

  test.each(kinds)('%s: %s', (_, code, statement, edit) => {
    expect(failures(edit(files))).toEqual([[code, statement]]);
  });

  test('dropped or reordered log leaf: LOG_REWRITTEN, although both keys signed the new log', async () => {
    const dropped = await insider((other) => recordLanded(other, task, change));
    const reordered = await insider(async (other) => {
      await recordLanded(other, task, change);
      await recordRefused(other, sampleTask('task_1', 'denied'));
    });

    for (const folder of [dropped, reordered]) {
      expect(failures(folder)).toEqual([['LOG_REWRITTEN', 'earlier checkpoint']]);
      expect(verifyFiles(folder, { pinnedKey: desk.signer.publicKeyPem }).ok).toBe(true);
    }
  });

  test('no two kinds share a code', () => {
    expect(new Set([...kinds.map(([, code]) => code), 'LOG_REWRITTEN']).size).toBe(10);
  });
});

describe('other ways to tamper', () => {
  const hashes = `${logEntry}.inclusionProof.hashes`;
  const inputs = 'predicate.inputAttestations';
  const afterFirstLine = (text: string) => text.slice(text.indexOf('\n') + 1);

  test.each<[what: string, code: string, statement: string, edit: Edit]>([
    ['no statement', 'PAYLOAD_CHANGED', 'landing', withBundle('landing', 'dsseEnvelope.payload', () => 'AAAA')],
    ['a fifth member of the statement', 'PAYLOAD_CHANGED', 'landing', withStatement('landing', 'more', () => 1)],
    ['another predicate type', 'PREDICATE_CHANGED', 'landing', withStatement('landing', 'predicateType', () => 'x')],
    [
      'the base in the landing',
      'BASE_MISMATCH',
      'landing',
      withStatement('landing', 'predicate.compareAndSwap.from', () => 'x'),
    ],
    [
      'the subject of the summary',
      'SUBJECT_MISMATCH',
      'summary',
      withStatement('summary', 'subject.0.name', () => 'x'),
    ],
    ['a shorter summary', 'PREDICATE_CHANGED', 'summary', withStatement('summary', inputs, () => [])],
    ['no summary', 'STATEMENT_MISSING', 'summary', withFile('summary.sigstore.json', () => undefined)],
    [
      'another key hint',
      'KEY_SWAPPED',
      'landing',
      withBundle('landing', 'verificationMaterial.publicKey.hint', () => '0'),
    ],
    ['no path to the root', 'INCLUSION_INVALID', 'landing', withBundle('landing', hashes, () => [])],
    [
      'a reordered path to the root',
      'INCLUSION_INVALID',
      'landing',
      withBundle('landing', hashes, (list) => JSON.parse(list).toReversed()),
    ],
    [
      'another place in the log',
      'INCLUSION_INVALID',
      'landing',
      withBundle('landing', `${logEntry}.logIndex`, () => '1'),
    ],
    [
      'an empty log entry',
      'INCLUSION_INVALID',
      'landing',
      withBundle('landing', `${logEntry}.canonicalizedBody`, () => 'e30='),
    ],
    ['a member that bundles do not have', 'BUNDLE_MALFORMED', 'landing', withBundle('landing', 'more', () => 1)],
    ['a bundle that is not JSON', 'BUNDLE_MALFORMED', 'landing', withFile('landing.sigstore.json', () => '{')],
    ['a bundle with a space', 'FILE_CHANGED', 'landing', withFile('landing.sigstore.json', (text) => ` ${text}`)],
    ['another patch', 'PATCH_CHANGED', 'patch.bin', withFile('patch.bin', (text) => `${text}+`)],
    ['no patch', 'FILE_MISSING', 'patch.bin', withFile('patch.bin', () => undefined)],
    ['no card', 'FILE_MISSING', 'card.md', withFile('card.md', () => undefined)],
    ['another script', 'FILE_CHANGED', 'verify.sh', withFile('verify.sh', () => 'echo OK')],
    ['one file more', 'FILE_UNLISTED', 'notes.txt', withFile('notes.txt', () => 'all good')],
    ['an envelope less', 'FILE_CHANGED', 'bundle.intoto.jsonl', withFile('bundle.intoto.jsonl', afterFirstLine)],
    [
      'another state of the log',
      'CHECKPOINT_INVALID',
      'checkpoint.txt',
      withFile('checkpoint.txt', (text) => text.replace('\n12\n', '\n13\n')),
    ],
    ['other sums', 'FILE_CHANGED', 'SHA256SUMS', withFile('SHA256SUMS', afterFirstLine)],
    ['no sums', 'FILE_MISSING', 'SHA256SUMS', withFile('SHA256SUMS', () => undefined)],
    ['no signature of the sums', 'FILE_MISSING', 'SHA256SUMS.sig', withFile('SHA256SUMS.sig', () => undefined)],
    ['no key', 'FILE_MISSING', 'signer.pem', withFile('signer.pem', () => undefined)],
    [
      'a respelled trusted root',
      'TRUST_ROOT_INVALID',
      'trusted_root.json',
      withFile('trusted_root.json', (t) => ` ${t}`),
    ],
  ])('%s: %s', (_, code, statement, edit) => {
    expect(failures(edit(files))).toEqual([[code, statement]]);
  });

  test('everything signed anew with other keys: every statement says so', async () => {
    const folder = await insider((other) => recordLanded(other, task, change), newKeys());

    expect(new Set(verify(folder).failures.map(({ code }) => code))).toContain('KEY_SWAPPED');
    expect(verify(folder).failures.filter(({ code }) => code === 'KEY_SWAPPED')).toHaveLength(7);
  });

  test('a log with another key than the signed summary names is not believed', async () => {
    const folder = await insider((other) => recordLanded(other, task, change), {
      signer: desk.signer,
      logSigner: newKeys().logSigner,
    });
    const moved = new Map([...files, ['trusted_root.json', folder.get('trusted_root.json')!]]);

    expect(failures(moved)).toEqual([['TRUST_ROOT_INVALID', 'trusted_root.json']]);
  });

  test('a genuine statement of another task in the place of this one is about something else', async () => {
    const third = await exported(desk, { dossier: { task: sampleTask('task_3').id, attempt: 1 } });
    const swapped = new Map([
      ...files,
      ['policy-decisions.sigstore.json', third.get('policy-decisions.sigstore.json')!],
    ]);

    expect(failures(swapped).at(0)).toEqual(['SUBJECT_MISMATCH', 'policy-decisions']);
  });

  test('a genuine statement that the summary does not list is not part of the evidence', () => {
    const added = new Map([...files, ['landing-2.sigstore.json', files.get('landing.sigstore.json')!]]);

    expect(failures(added)).toEqual([['STATEMENT_UNLISTED', 'landing-2']]);
  });

  test('a checkpoint that the folder has no proof for is refused, and says what to do', async () => {
    const without = await exported(desk, { dossier, patch: change.patch });
    const [failure] = verify(without).failures;

    expect(failure).toMatchObject({ code: 'LOG_REWRITTEN', statement: 'earlier checkpoint' });
    expect(failure?.why).toContain('export again');
  });

  test('a pinned checkpoint that the log did not sign is refused', () => {
    const { failures: found } = verifyFiles(files, {
      pinnedKey: desk.signer.publicKeyPem,
      earlierCheckpoint: 'nonsense',
    });

    expect(found).toMatchObject([{ code: 'CHECKPOINT_INVALID', statement: 'earlier checkpoint' }]);
  });

  test('a pinned key that is no key is an error of who asks', () => {
    expect(() => verifyFiles(files, { pinnedKey: 'nonsense' })).toThrow(
      expect.objectContaining({ code: 'KEY_UNSUPPORTED' }),
    );
  });
});

describe('evidence that is signed and logged, but does not fit together', () => {
  const pinned = () => ({ pinnedKey: desk.signer.publicKeyPem });
  const landing = sampleLanding(change);
  const plugin = samplePlugin();
  const otherBytes = { ...plugin, digests: { ...plugin.digests, module: sha256('other') } };

  test('a plugin that ran, was named and whose SBOM is there fits together; an edit of its row is found', async () => {
    const folder = await insider((other) => recordLanded(other, task, change, { plugins: [plugin] }));
    const edited = withStatement('plugins', 'predicate.plugins.0.digests.module', () => sha256('other'))(folder);

    expect(verifyFiles(folder, pinned())).toEqual({ ok: true, statements: 7, failures: [] });
    expect(verifyFiles(edited, pinned()).failures).toMatchObject([{ code: 'PREDICATE_CHANGED', statement: 'plugins' }]);
  });

  test.each<[string, string, string, Parameters<typeof recordLanded>[3]]>([
    ['made on another base than the change', 'BASE_MISMATCH', 'provenance', { provenanceBase: oid('other') }],
    [
      'tested on one base, landed on another',
      'BASE_MISMATCH',
      'landing',
      { landing: { ...landing, movedFrom: oid('other') } },
    ],
    [
      'landed another tree than was tested',
      'TREE_MISMATCH',
      'landing',
      { landing: { ...landing, landedTree: oid('other') } },
    ],
    ['landed a tree that no test saw', 'TREE_MISMATCH', 'landing', { report: sampleReport(oid('other')) }],
    [
      'tested another tree than it says',
      'TREE_MISMATCH',
      'test-result',
      { report: sampleReport(oid('other')), claimed: true },
    ],
    [
      'landed another commit than the subject',
      'SUBJECT_MISMATCH',
      'landing',
      { landing: { ...landing, landedCommit: oid('x'), movedTo: oid('x') } },
    ],
    ['ran a plugin that the provenance does not name', 'PLUGINS_MISMATCH', 'plugins', { plugins: [plugin], named: [] }],
    ['ran other bytes than it names', 'PLUGINS_MISMATCH', 'plugins', { plugins: [plugin], named: [otherBytes] }],
    ['names a plugin that nothing says ran', 'PLUGINS_MISMATCH', 'provenance', { named: [plugin] }],
    ['an SBOM of other bytes', 'PLUGINS_MISMATCH', 'plugins', { plugins: [{ ...plugin, sbom: '{}' }] }],
  ])('%s: %s', async (_, code, statement, parts) => {
    const folder = await insider((other) => recordLanded(other, task, change, parts));
    const found = verifyFiles(folder, pinned()).failures;

    expect(found).toContainEqual(expect.objectContaining({ code, statement }));
  });
});
