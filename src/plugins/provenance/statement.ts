import { z } from 'zod';
import { canonicalJson } from '#kernel/canonical-json.ts';
import { sha256 } from '#kernel/digest.ts';
import type { Manifest } from '../manifest.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';
const BUILD_TYPE = 'https://maestro-conductor.dev/plugin-build/v1';

/** The bytes of a plugin as they are published. */
export interface PackageBytes {
  readonly module: Uint8Array;
  readonly manifest: Uint8Array;
  readonly sbom: Uint8Array;
}

/** Names of the three subjects: plugin, version and part, so that none can stand for another. */
export function subjectNames(manifest: Pick<Manifest, 'name' | 'version'>): {
  readonly [part in keyof PackageBytes]: string;
} {
  const base = `${manifest.name}@${manifest.version}`;
  return { module: `${base}/module.wasm`, manifest: `${base}/manifest.yaml`, sbom: `${base}/sbom.cdx.json` };
}

/** in-toto Statement v1 with SLSA provenance v1 about module, manifest and SBOM; canonical JSON. */
export function writeStatement(
  manifest: Manifest,
  bytes: PackageBytes,
  build: { builder: string; sourceDigest: string },
): Uint8Array {
  const names = subjectNames(manifest);
  return Buffer.from(
    canonicalJson({
      _type: STATEMENT_TYPE,
      subject: (['module', 'manifest', 'sbom'] as const).map((part) => ({
        name: names[part],
        digest: { sha256: sha256(bytes[part]) },
      })),
      predicateType: PREDICATE_TYPE,
      predicate: {
        buildDefinition: {
          buildType: BUILD_TYPE,
          externalParameters: { plugin: manifest.name, version: manifest.version, publisher: manifest.publisher },
          resolvedDependencies: [{ name: 'source', digest: { sha256: build.sourceDigest } }],
        },
        runDetails: { builder: { id: build.builder } },
      },
    }),
  );
}

export const statementSchema = z.object({
  _type: z.string(),
  subject: z.array(z.object({ name: z.string(), digest: z.record(z.string(), z.string()) })),
  predicateType: z.string(),
  predicate: z.looseObject({
    buildDefinition: z.looseObject({
      externalParameters: z.looseObject({ plugin: z.string(), version: z.string(), publisher: z.string() }),
    }),
    runDetails: z.looseObject({ builder: z.looseObject({ id: z.string() }) }),
  }),
});
