// Verifies exported evidence with Sigstore's libraries, openssl, git and Node's crypto. Nothing of Maestro is used here.
import { execFile, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { plainRootsOf } from './rfc6962.ts';

const run = promisify(execFile);

/** What the reader knew before the folder came. */
export interface Pinned {
  /** Path of the signer's public key, PEM. */
  readonly key: string;
  /** Sigstore TrustedRoot with the key of the log, JSON text. */
  readonly trustedRoot: string;
}

interface Payload {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly [algorithm: string]: string } }[];
  readonly predicateType: string;
  readonly predicate: {
    readonly inputAttestations?: readonly { readonly uri: string; readonly digest: { readonly sha256: string } }[];
    readonly card?: { readonly title: string };
    readonly text?: string;
  };
}

const text = (dir: string, file: string): string => readFileSync(join(dir, file), 'utf8');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function statementFiles(dir: string): string[] {
  return readdirSync(dir).filter((file) => file.endsWith('.sigstore.json'));
}

export function payloadBytes(dir: string, file: string): Buffer {
  return Buffer.from(JSON.parse(text(dir, file)).dsseEnvelope.payload, 'base64');
}

export function payload(dir: string, file: string): Payload {
  return JSON.parse(payloadBytes(dir, file).toString('utf8'));
}

/** Signature and inclusion of every statement; throws Sigstore's own error. Gives their number. */
export function verifyWithSigstore(dir: string, pinned: Pinned): number {
  const publicKey = createPublicKey(readFileSync(pinned.key));
  const root = TrustedRoot.fromJSON(JSON.parse(pinned.trustedRoot));
  const material = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
  const verifier = new Verifier(material, { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 });
  const files = statementFiles(dir);
  for (const file of files) verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(text(dir, file)))));
  return files.length;
}

/** Where cosign is: COSIGN names it, or the path holds it. Undefined when there is none. */
export function cosignProgram(): string | undefined {
  const program = process.env['COSIGN'] ?? 'cosign';
  return spawnSync(program, ['version']).status === 0 ? program : undefined;
}

/** Signature and inclusion of every statement, and that a landed one is about the patch; rejects with what cosign printed. Gives their number. */
export async function verifyWithCosign(cosign: string, dir: string, pinned: Pinned): Promise<number> {
  const root = `${dir}-root.json`;
  writeFileSync(root, pinned.trustedRoot);
  const patch = join(dir, 'patch.bin');
  const about = existsSync(patch) ? [patch] : ['--check-claims=false', join(dir, 'card.md')];
  const files = statementFiles(dir);
  for (const file of files) {
    const type = /"predicateType":"([^"]+)"/.exec(payloadBytes(dir, file).toString())?.[1] ?? '';
    const keys = ['--key', pinned.key, '--trusted-root', root];
    await run(cosign, ['verify-blob-attestation', '--bundle', join(dir, file), '--type', type, ...keys, ...about]);
  }
  return files.length;
}

/** `verify.sh` of the folder, which knows openssl only; rejects with what it printed. */
export async function verifyWithOpenssl(dir: string, pinned: Pinned): Promise<string> {
  return (await run('sh', [join(dir, 'verify.sh'), pinned.key])).stdout;
}

/** Statements that the summary lists with a digest that is not here. */
export function missingStatements(dir: string): string[] {
  const digests = new Map(statementFiles(dir).map((file) => [file, sha256(payloadBytes(dir, file))]));
  const listed = payload(dir, 'summary.sigstore.json').predicate.inputAttestations ?? [];
  if (listed.length === 0) return ['everything'];
  return listed.filter(({ uri, digest }) => digests.get(uri) !== digest.sha256).map(({ uri }) => uri);
}

/** Whether the readable card and the patch are the ones that were signed. */
export function filesAsSigned(dir: string): { readonly card: boolean; readonly patch: boolean | undefined } {
  const digest = payload(dir, 'summary.sigstore.json').subject[0]?.digest;
  const isChange = digest?.['gitCommit'] !== undefined;
  return {
    card: payload(dir, 'decision-card.sigstore.json').predicate.text === text(dir, 'card.md'),
    patch: isChange ? sha256(readFileSync(join(dir, 'patch.bin'))) === digest?.['sha256'] : undefined,
  };
}

/** Whether the subject is what git has: the commit's tree, and the base with the patch applied to it. */
export async function subjectIsInGit(dir: string, repo: string): Promise<boolean> {
  const { gitCommit = '', gitTree } = payload(dir, 'summary.sigstore.json').subject[0]?.digest ?? {};
  const git = async (...args: string[]) => {
    const env = { ...process.env, GIT_INDEX_FILE: join(repo, 'evidence-index') };
    return (await run('git', ['-C', repo, ...args], { env })).stdout.trim();
  };
  const tree = await git('rev-parse', `${gitCommit}^{tree}`);
  await git('read-tree', `${gitCommit}~`);
  await git('apply', '--cached', join(dir, 'patch.bin'));
  return tree === gitTree && (await git('write-tree')) === gitTree;
}

/** Whether the log of the folder begins with the log of a checkpoint that the reader kept; both signed by the pinned log. */
export function continues(dir: string, earlierNote: string, pinned: Pinned): boolean {
  const [then, now] = [earlierNote, text(dir, 'checkpoint.txt')].map((note) => openNote(note, pinned));
  if (then === undefined || now === undefined) return false;
  const proofs: { from: number; hashes: string[] }[] = JSON.parse(text(dir, 'consistency.json'));
  const proof = proofs.find(({ from }) => from === then.size)?.hashes;
  if (proof === undefined || then.size > now.size) return false;
  const [earlier, later] = plainRootsOf(then.size, now.size, then.root, proof);
  return earlier === then.root && later === now.root;
}

function openNote(note: string, pinned: Pinned): { size: number; root: string } | undefined {
  const [body = '', signatures = ''] = note.split('\n\n');
  const [, size = '', root = ''] = body.split('\n');
  const value = Buffer.from(signatures.trim().split(' ')[2] ?? '', 'base64');
  const der = Buffer.from(JSON.parse(pinned.trustedRoot).tlogs[0].publicKey.rawBytes, 'base64');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (!verify(null, Buffer.from(`${body}\n`), key, value.subarray(4))) return undefined;
  return { size: Number(size), root: Buffer.from(root, 'base64').toString('hex') };
}
