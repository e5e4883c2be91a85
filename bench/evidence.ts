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
const DOSSIERS = 60;
const STATEMENTS = 6;
const ROUNDS = 40;

interface Measured {
  readonly size: number;
  /** Median milliseconds for one statement. */
  readonly append: number;
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Per statement, at two sizes of the log: sign and append (with its share of a commit that survives power loss), and
 * verify. Ours is a whole folder (every file, completeness, contents, one log), the peer's is signature and inclusion.
 */
export async function run(options: { seed: number }): Promise<BenchResult> {
  const measured: Measured[] = [];
  for (const size of SIZES) measured.push(await measure(size, options.seed));
  const [small, large] = measured;
  const ratio = small === undefined || large === undefined ? null : large.append / small.append;
  const slowest = Math.max(...measured.map(({ ours, theirs }) => ours / theirs));
  return benchResult({
    bench: 'evidence',
    seed: options.seed,
    rows: measured.map((each) => ({
      logSize: each.size,
      signAndAppendMs: rounded(each.append),
      verifyFolderMs: rounded(each.ours),
      sigstoreVerifyMs: rounded(each.theirs),
    })),
    targets: [
      target('append cost at 100 000 entries against 100, times', ratio, '<=', 2),
      target('whole-folder verification against signature and inclusion by @sigstore/verify, times', slowest, '<=', 2),
    ],
  });
}

async function measure(size: number, seed: number): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-bench-'));
  const desk = await openDesk(newKeys(), { engine: 'sqlite', path: join(dir, 'maestro.db') });
  try {
    await fillLog(desk.sql, evidenceLog, size, seededRandom(seed));
    const append = await medianOf(DOSSIERS, (round) =>
      recordLanded(desk, sampleTask(`task_${round}`), sampleChange(`change ${round}`)),
    );
    const { patch } = sampleChange('change 1');
    const files = await exported(desk, { dossier: { task: sampleTask('task_1').id, attempt: 1 }, patch });
    const before = await medianOf(ROUNDS, () => ourVerify(files, desk));
    const theirs = await medianOf(ROUNDS, () => theirVerify(files, desk));
    const after = await medianOf(ROUNDS, () => ourVerify(files, desk));
    return { size, append, ours: (before + after) / 2, theirs };
  } finally {
    await desk.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Median milliseconds per statement of work that handles one dossier; the first rounds only warm up. */
async function medianOf(rounds: number, work: (round: number) => Promise<void> | void): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work(round);
    times.push((performance.now() - start) / STATEMENTS);
  }
  return median(times.slice(rounds / 4));
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
