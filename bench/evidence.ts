import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { evidenceLog } from '#adapters/sql/index.ts';
import { verifyFiles } from '#evidence/index.ts';
import type { FolderFiles } from '#evidence/ports.ts';
import { seededRandom } from '#kernel/random.ts';
import { type Desk, exported, newKeys, openDesk } from '../test/evidence/desk.ts';
import { fillLog } from '../test/evidence/fill.ts';
import { recordLanded, sampleChange, sampleTask } from '../test/evidence/sample.ts';
import { type BenchResult, benchResult, median, target } from './result.ts';

const SIZES = [100, 100_000];
const STATEMENTS = 6;
const ROUNDS = 50;
const WARM_UP = 15;
/** Verifications in one measurement: the system counts processor time in steps of some milliseconds. */
const REPEAT = 10;

/** One log, and milliseconds for one statement, a value for each round. */
interface Log {
  readonly size: number;
  readonly desk: Desk;
  readonly append: number[];
  readonly ours: number[];
  readonly theirs: number[];
}

/**
 * Per statement, at two sizes of the log: sign and append (wall time, with its share of a commit that survives power
 * loss), and verify (processor time). Ours is a whole folder (every file, completeness, contents, one log), the peer's
 * is signature and inclusion.
 * Rounds take turns between sizes and between ours, theirs, ours, so that all meet the same noise.
 */
export async function run(options: { seed: number }): Promise<BenchResult> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-bench-'));
  const logs: Log[] = [];
  try {
    for (const size of SIZES) {
      const desk = await openDesk(newKeys(), { engine: 'sqlite', path: join(dir, `${size}.db`) });
      logs.push({ size, desk, append: [], ours: [], theirs: [] });
      await fillLog(desk.sql, evidenceLog, size, seededRandom(options.seed));
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const log of logs) await measure(log, round);
    }
  } finally {
    for (const { desk } of logs) await desk.close();
    rmSync(dir, { recursive: true, force: true });
  }
  return benchResult({ bench: 'evidence', seed: options.seed, ...verdict(logs) });
}

async function measure({ desk, append, ours, theirs }: Log, round: number): Promise<void> {
  const task = sampleTask(`task_${round}`);
  const change = sampleChange(`change ${round}`);
  const start = performance.now();
  await recordLanded(desk, task, change);
  append.push((performance.now() - start) / STATEMENTS);
  const files = await exported(desk, { dossier: { task: task.id, attempt: 1 }, patch: change.patch });
  const before = burnt(() => ourVerify(files, desk));
  theirs.push(burnt(() => theirVerify(files, desk)));
  ours.push((before + burnt(() => ourVerify(files, desk))) / 2);
}

/** Milliseconds for one statement that this thread computed, whatever else the machine does meanwhile. */
function burnt(work: () => void): number {
  const start = process.threadCpuUsage();
  for (let i = 0; i < REPEAT; i++) work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000 / REPEAT / STATEMENTS;
}

function verdict(logs: readonly Log[]): Pick<BenchResult, 'rows' | 'targets'> {
  const middle = (values: readonly number[]): number => median(values.slice(WARM_UP));
  const rows = logs.map(({ size, append, ours, theirs }) => ({
    logSize: size,
    signAndAppendMs: rounded(middle(append)),
    verifyFolderCpuMs: rounded(middle(ours)),
    sigstoreVerifyCpuMs: rounded(middle(theirs)),
  }));
  const [small, large] = logs;
  const growth = small === undefined || large === undefined ? null : middle(large.append) / middle(small.append);
  const against = Math.max(...logs.map(({ ours, theirs }) => middle(ours) / middle(theirs)));
  return {
    rows,
    targets: [
      target('append cost at 100 000 entries against 100, times', growth, '<=', 2),
      target('whole-folder verification against signature and inclusion by @sigstore/verify, times', against, '<=', 2),
    ],
  };
}

function ourVerify(files: FolderFiles, desk: Desk): void {
  const { ok, statements } = verifyFiles(files, { pinnedKey: desk.signer.publicKeyPem });
  if (!ok || statements !== STATEMENTS) throw new Error('the evidence of the bench does not verify');
}

function theirVerify(files: FolderFiles, desk: Desk): void {
  const json = (name: string): unknown => JSON.parse(Buffer.from(files.get(name) ?? '').toString('utf8'));
  const publicKey = createPublicKey(desk.signer.publicKeyPem);
  const material = toTrustMaterial(TrustedRoot.fromJSON(json('trusted_root.json')), () => ({
    publicKey,
    validFor: () => true,
  }));
  const verifier = new Verifier(material, { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 });
  for (const name of files.keys()) {
    if (name.endsWith('.sigstore.json')) verifier.verify(toSignedEntity(bundleFromJSON(json(name))));
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
