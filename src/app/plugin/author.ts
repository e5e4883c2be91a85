import { basename, dirname, join } from 'node:path';
import { readNamedFile } from '#adapters/files/index.ts';
import { openKey } from '#adapters/keys/index.ts';
import { buildPlugin, knowsNames } from '#adapters/plugin-build/build.ts';
import { PluginBuildError } from '#adapters/plugin-build/errors.ts';
import { PARTS, readPart, readPartText, writePart } from '#adapters/plugin-build/folder.ts';
import { readSdk, writeScaffold } from '#adapters/plugin-build/write-scaffold.ts';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import type { Reason } from '#domain/reason.ts';
import { sha256 } from '#kernel/digest.ts';
import { systemRandom } from '#kernel/random.ts';
import {
  admit,
  type Manifest,
  packPlugin,
  profile,
  type ProfileRow,
  readManifest,
  scaffold,
  type ScaffoldLanguage,
} from '#plugins/index.ts';
import { SHIPPED_PLUGINS } from './shipped.ts';
import { LOCAL_BUILDER } from './trust.ts';

/** `plugin new`: writes a plugin that counts words into a folder that must not exist; gives the paths. */
export async function newPlugin(request: {
  folder: string;
  language: ScaffoldLanguage;
  name: string;
  publisher: string;
}): Promise<readonly string[]> {
  const sdk = await readSdk(join(SHIPPED_PLUGINS, 'sdk'));
  const files = scaffold(request.language, request.name, request.publisher, sdk);
  await writeScaffold(request.folder, files);
  return [...files.keys()];
}

export interface BuildReport {
  readonly module: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Why a host would not admit it; empty when it would. */
  readonly reasons: readonly Reason[];
}

/** `plugin build`: compiles into `built/` and says whether a host would admit the module. */
export async function buildInto(folder: string): Promise<BuildReport> {
  const manifest = readManifest(await readPartText(folder, PARTS.manifest));
  const built = await buildPlugin(folder, manifest);
  await writePart(folder, PARTS.module, built.module);
  const { sourceDigest, components } = built;
  await writePart(folder, PARTS.build, `${JSON.stringify({ sourceDigest, components }, null, 2)}\n`);
  const admission = admit({ bytes: built.module, permissions: manifest.permissions, limits: manifest.limits });
  const reasons = admission.ok ? [] : admission.reasons;
  return { module: join(folder, PARTS.module), bytes: built.module.length, sha256: sha256(built.module), reasons };
}

/** `plugin sign`: SBOM, provenance and signature by the key in the file, which is made when there is none. */
export async function signFolder(folder: string, keyFile: string): Promise<{ keyId: string; publicKey: string }> {
  const signer = await openKey({
    dir: dirname(keyFile),
    name: basename(keyFile, '.pem'),
    algorithm: 'ecdsa-p256-sha256',
    random: systemRandom,
  });
  // The cast is true: `plugin build` wrote the file.
  const build = JSON.parse(await readPartText(folder, PARTS.build)) as Pick<
    Parameters<typeof packPlugin>[0],
    'sourceDigest' | 'components'
  >;
  const plugin = await packPlugin({
    ...build,
    manifest: await readPart(folder, PARTS.manifest),
    module: await readPart(folder, PARTS.module),
    builder: LOCAL_BUILDER,
    signers: [signer],
  });
  await writePart(folder, PARTS.sbom, plugin.sbom);
  await writePart(folder, PARTS.bundle, plugin.bundle);
  await writePart(folder, PARTS.publicKey, signer.publicKeyPem);
  return { keyId: signer.keyId, publicKey: join(folder, PARTS.publicKey) };
}

/** `plugin profile`: runs what was built on an input, whether signed or not, and gives fuel by function; `output` is the code of a run that failed. */
export async function profileFolder(
  folder: string,
  inputFile: string,
  repo: string | null,
): Promise<{ ok: boolean; fuel: number; output: string; rows: readonly ProfileRow[] }> {
  const manifest = readManifest(await readPartText(folder, PARTS.manifest));
  const module = await readPart(folder, PARTS.module);
  const named = await builtWithNames(folder, manifest);
  await using runner = new ConfinedPluginRunner({ workers: 1, bwrap: findBwrap() });
  const { report, rows } = await profile(
    runner,
    { manifest, module, named },
    new Uint8Array(readNamedFile(inputFile)),
    repo,
  );
  const output = report.ok ? Buffer.from(report.output).toString() : report.code;
  return { ok: report.ok, fuel: report.fuel, output, rows };
}

/** What the sources give once more with names of functions; undefined where there are none to be had here. */
async function builtWithNames(folder: string, manifest: Manifest): Promise<Uint8Array | undefined> {
  try {
    return knowsNames(folder) ? (await buildPlugin(folder, manifest, true)).module : undefined;
  } catch (error) {
    if (error instanceof PluginBuildError) return undefined;
    throw error;
  }
}
