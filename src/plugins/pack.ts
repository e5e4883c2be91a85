import type { Signer } from './ports.ts';
import { readManifest } from './manifest.ts';
import { writeBundle } from './provenance/bundle.ts';
import { type Component, writeSbom } from './provenance/sbom.ts';
import { PAYLOAD_TYPE, writeStatement } from './provenance/statement.ts';
import type { PluginPackage } from './provenance/verify.ts';

export interface PackRequest {
  /** The manifest as its author wrote it. */
  readonly manifest: Uint8Array;
  readonly module: Uint8Array;
  /** What was built in besides the plugin's own source. */
  readonly components: readonly Component[];
  /** Identity of whoever built it, as the trust root names builders. */
  readonly builder: string;
  /** SHA-256 hex over the source files. */
  readonly sourceDigest: string;
  /** As many as the publisher's threshold asks. */
  readonly signers: readonly Signer[];
}

/** Makes a package: SBOM and provenance statement written, bound to the module by digests, and signed. */
export async function packPlugin(request: PackRequest): Promise<PluginPackage> {
  const manifest = readManifest(new TextDecoder('utf-8', { fatal: true }).decode(request.manifest));
  const sbom = Buffer.from(writeSbom(manifest, request.module, request.components));
  const bytes = { module: request.module, manifest: request.manifest, sbom };
  const statement = writeStatement(manifest, bytes, request);
  const bundles = await Promise.all(request.signers.map((signer) => writeBundle(signer, PAYLOAD_TYPE, statement)));
  return { ...bytes, bundle: bundles.join('\n') };
}
