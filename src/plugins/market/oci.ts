import { z } from 'zod';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { sha256 } from '#kernel/digest.ts';
import type { Manifest } from '../manifest.ts';
import { PluginError } from '../errors.ts';
import type { BlobStore } from '../ports.ts';
import type { PluginPackage } from '../provenance/verify.ts';
import { parseJson } from '../provenance/trust-root.ts';

/** Media types of the parts of a package; the module's is the one that registries know for WebAssembly. */
const MEDIA = Object.freeze({
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  artifact: 'application/vnd.maestro.plugin.v1',
  manifest: 'application/vnd.maestro.plugin.manifest.v1+yaml',
  module: 'application/wasm',
  sbom: 'application/vnd.cyclonedx+json',
  bundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
});
const REF_NAME = 'org.opencontainers.image.ref.name';

const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z
    .int()
    .min(0)
    .max(64 * 1024 * 1024),
  annotations: z.record(z.string(), z.string()).optional(),
});
type Descriptor = z.infer<typeof descriptorSchema>;
const imageSchema = z.looseObject({
  artifactType: z.literal(MEDIA.artifact),
  config: descriptorSchema,
  layers: z.array(descriptorSchema).max(10),
});
const indexSchema = z.looseObject({ manifests: z.array(descriptorSchema) });

/** One published version, as the index of a store tells it. Nothing here is proved until it is verified. */
export interface Listing {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly publisher: string;
  readonly license: string;
  /** SHA-256 hex of the OCI manifest. */
  readonly digest: string;
}

/** The OCI image manifest of a package and the blobs that it names. Equal packages give equal bytes. */
export function imageOf(
  plugin: PluginPackage,
  manifest: Manifest,
): { image: Uint8Array; blobs: readonly Uint8Array[] } {
  const bundle = Buffer.from(plugin.bundle);
  const describe = (mediaType: string, bytes: Uint8Array) => ({
    mediaType,
    digest: `sha256:${sha256(bytes)}`,
    size: bytes.length,
  });
  const image = canonicalJson({
    schemaVersion: 2,
    mediaType: MEDIA.image,
    artifactType: MEDIA.artifact,
    config: describe(MEDIA.manifest, plugin.manifest),
    layers: [describe(MEDIA.module, plugin.module), describe(MEDIA.sbom, plugin.sbom), describe(MEDIA.bundle, bundle)],
    annotations: annotationsOf(manifest),
  });
  return { image: Buffer.from(image), blobs: [plugin.manifest, plugin.module, plugin.sbom, bundle] };
}

function annotationsOf(manifest: Manifest): { [name: string]: string } {
  return {
    [REF_NAME]: `${manifest.name}:${manifest.version}`,
    'org.opencontainers.image.title': manifest.name,
    'org.opencontainers.image.version': manifest.version,
    'org.opencontainers.image.description': manifest.summary,
    'org.opencontainers.image.licenses': manifest.license,
    'org.opencontainers.image.vendor': manifest.publisher,
  };
}

/** Puts a package into an OCI image layout. The same version with other bytes is refused: versions are for ever. */
export async function publish(store: BlobStore, plugin: PluginPackage, manifest: Manifest): Promise<Listing> {
  const { image, blobs } = imageOf(plugin, manifest);
  const index = await readIndex(store);
  const name = `${manifest.name}:${manifest.version}`;
  const digest = `sha256:${sha256(image)}`;
  const known = index.manifests.find((each) => each.annotations?.[REF_NAME] === name);
  if (known !== undefined && known.digest !== digest)
    throw new PluginError('STORE_BROKEN', `${name} is published already, with other bytes; raise the version`);
  for (const blob of [...blobs, image]) await store.put(blob);
  const descriptor: Descriptor = {
    mediaType: MEDIA.image,
    digest,
    size: image.length,
    annotations: annotationsOf(manifest),
  };
  const others = index.manifests.filter((each) => each.annotations?.[REF_NAME] !== name);
  await store.writeIndex({
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [...others, descriptor].map(({ mediaType, digest: of, size, annotations = {} }) => ({
      mediaType,
      digest: of,
      size,
      annotations,
    })),
  });
  return listingOf(descriptor);
}

/** Everything in a store, by name and version. */
export async function listings(store: BlobStore): Promise<readonly Listing[]> {
  const { manifests } = await readIndex(store);
  return manifests.map(listingOf).filter(({ name }) => name !== '');
}

/** The package of one listing; every blob is checked against its digest by the store. */
export async function fetchPackage(store: BlobStore, digest: string): Promise<PluginPackage> {
  const blob = async (hex: string): Promise<Uint8Array> => {
    const bytes = await store.get(hex);
    if (bytes === null) throw new PluginError('STORE_BROKEN', `blob ${hex} is missing`);
    return bytes;
  };
  return readImage(await blob(digest), blob);
}

/** Follows an OCI manifest to the parts of the package. */
export async function readImage(image: Uint8Array, blob: (hex: string) => Promise<Uint8Array>): Promise<PluginPackage> {
  const read = imageSchema.safeParse(parseJson(image)).data;
  if (read === undefined) throw new PluginError('STORE_BROKEN', 'this is not the manifest of a plugin');
  const part = async (mediaType: string): Promise<Uint8Array> => {
    const layer = read.layers.find((each) => each.mediaType === mediaType);
    return layer === undefined ? new Uint8Array() : blob(hexOf(layer));
  };
  return {
    manifest: await blob(hexOf(read.config)),
    module: await part(MEDIA.module),
    sbom: await part(MEDIA.sbom),
    bundle: new TextDecoder().decode(await part(MEDIA.bundle)),
  };
}

function hexOf(descriptor: Descriptor): string {
  return descriptor.digest.slice('sha256:'.length);
}

async function readIndex(store: BlobStore): Promise<{ manifests: Descriptor[] }> {
  const index = indexSchema.safeParse(await store.readIndex()).data;
  if (index === undefined) throw new PluginError('STORE_BROKEN', 'index.json is not an OCI image index');
  return index;
}

function listingOf(descriptor: Descriptor): Listing {
  const { annotations = {} } = descriptor;
  const of = (name: string): string => annotations[`org.opencontainers.image.${name}`] ?? '';
  return {
    name: of('title'),
    version: of('version'),
    summary: of('description'),
    publisher: of('vendor'),
    license: of('licenses'),
    digest: hexOf(descriptor),
  };
}
