import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';
import { sha256 } from '#kernel/digest.ts';
import { OpaWasmError } from './errors.ts';
import { BUNDLE_FILES, ENTRYPOINT, type Manifest, MANIFEST_FILE, revisionOf } from './manifest.ts';
import { OWN_FOLDER, regoFiles, sourceDigests } from './rules.ts';

const run = promisify(execFile);

/** The compiler that the shipped bundle is made with: the same sources give the same bytes with it. */
export const OPA_VERSION = '1.22.2';

const SHIPPED_FOLDER = 'maestro';

export interface BuildRequest {
  /** The opa binary. */
  readonly opa: string;
  /** Rules that come with Maestro. */
  readonly rules: string;
  /** Rules of the company's own, if any. */
  readonly own?: string;
  readonly out: string;
}

/**
 * Compiles Rego to WebAssembly for `opa-wasm`, and to a bundle with the same revision for an OPA server.
 * Throws OPA_MISSING and POLICY_BUILD_FAILED.
 */
export async function buildBundle(request: BuildRequest): Promise<Manifest> {
  await requireVersion(request.opa);
  const stage = await makeTempFolder('maestro-policies-');
  try {
    const rules = await regoFiles(request.rules);
    const own = request.own === undefined ? new Map<string, Buffer>() : await regoFiles(request.own);
    await writeTree(join(stage, 'rego', SHIPPED_FOLDER), rules);
    await writeTree(join(stage, 'rego', OWN_FOLDER), own);
    const sources = { ...sourceDigests(SHIPPED_FOLDER, rules), ...sourceDigests(OWN_FOLDER, own) };
    const revision = revisionOf(sources);
    await compile(request.opa, stage, revision);
    await mkdir(request.out, { recursive: true });
    const files: Record<string, string> = {};
    for (const name of BUNDLE_FILES) {
      const bytes = await readFile(join(stage, name));
      files[name] = sha256(bytes);
      await writeFile(join(request.out, name), bytes);
    }
    const manifest: Manifest = { opa: OPA_VERSION, entrypoint: ENTRYPOINT, revision, sources, files };
    await writeFile(join(request.out, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Relative paths only, so that the bytes do not tell where they were made. */
async function compile(opa: string, stage: string, revision: string): Promise<void> {
  const common = ['--revision', revision, '--entrypoint', ENTRYPOINT];
  const build = ['build', ...common, '--output'];
  await opaIn(stage, opa, ['check', '--strict', 'rego']);
  await opaIn(join(stage, 'rego'), opa, [...build, '../bundle.tar.gz', '--target', 'rego', '.']);
  await opaIn(join(stage, 'rego'), opa, [...build, '../wasm.tar.gz', '--target', 'wasm', '.']);
  await run('tar', ['-xzf', 'wasm.tar.gz', '/policy.wasm', '/data.json'], { cwd: stage });
}

async function opaIn(cwd: string, opa: string, args: readonly string[]): Promise<void> {
  try {
    await run(opa, args, { cwd });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new OpaWasmError('POLICY_BUILD_FAILED', `opa ${args[0] ?? ''}: ${said}`, {}, cause);
  }
}

async function requireVersion(opa: string): Promise<void> {
  const said = await run(opa, ['version']).catch(() => undefined);
  const version = /^Version: (\S+)/m.exec(said?.stdout ?? '')?.[1];
  if (version === OPA_VERSION) return;
  throw new OpaWasmError('OPA_MISSING', `opa ${OPA_VERSION} is needed; ${opa} is ${version ?? 'not there'}`, {
    wanted: OPA_VERSION,
    found: version ?? null,
  });
}

async function writeTree(dir: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [name, bytes] of files) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}
