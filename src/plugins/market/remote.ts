import { sha256 } from '#kernel/digest.ts';
import { PluginError } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import { readManifest } from '../manifest.ts';
import type { BlobStore, Registry } from '../ports.ts';
import type { PluginPackage } from '../provenance/verify.ts';
import { fetchPackage, imageOf, type Listing, listings, publish, readImage } from './oci.ts';

/** Repository of a plugin below a prefix: `team/plugins` and `plugin.code-search` give `team/plugins/plugin.code-search`. */
export function repositoryOf(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Sends a package to a registry, tagged with its version. */
export async function push(
  registry: Registry,
  prefix: string,
  plugin: PluginPackage,
  manifest: Manifest,
): Promise<string> {
  const { image, blobs } = imageOf(plugin, manifest);
  await registry.push(repositoryOf(prefix, manifest.name), manifest.version, image, blobs);
  return sha256(image);
}

/** Fetches a package by tag or `sha256:...`. What arrives is checked against digests, and is not trusted for that alone. */
export async function pull(registry: Registry, repository: string, reference: string): Promise<PluginPackage> {
  const image = await registry.manifest(repository, reference);
  if (image === null) throw new PluginError('PLUGIN_UNKNOWN', `there is no ${repository}:${reference}`);
  if (reference.startsWith('sha256:') && reference !== `sha256:${sha256(image)}`)
    throw new PluginError('STORE_BROKEN', `the registry gave another manifest than ${reference}`);
  return readImage(image, async (hex) => {
    const bytes = await registry.blob(repository, `sha256:${hex}`);
    if (sha256(bytes) !== hex)
      throw new PluginError('STORE_BROKEN', `the registry gave other bytes than sha256:${hex}`);
    return bytes;
  });
}

/** Copies every version of a registry's repository into a store, for sites without network. */
export async function mirrorRepository(
  registry: Registry,
  repository: string,
  into: BlobStore,
): Promise<readonly Listing[]> {
  const copied: Listing[] = [];
  for (const tag of await registry.tags(repository))
    copied.push(await keep(into, await pull(registry, repository, tag)));
  return copied;
}

/** Copies every package of a store into another. */
export async function mirrorStore(from: BlobStore, into: BlobStore): Promise<readonly Listing[]> {
  const copied: Listing[] = [];
  for (const { digest } of await listings(from)) copied.push(await keep(into, await fetchPackage(from, digest)));
  return copied;
}

async function keep(into: BlobStore, plugin: PluginPackage): Promise<Listing> {
  return publish(into, plugin, readManifest(new TextDecoder().decode(plugin.manifest)));
}
