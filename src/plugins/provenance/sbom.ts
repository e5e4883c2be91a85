import { z } from 'zod';
import type { Manifest } from '../manifest.ts';
import { sha256 } from '#kernel/digest.ts';
import { canonicalJson } from '#kernel/canonical-json.ts';

/** Something that was built into the module. */
export interface Component {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** CycloneDX 1.6 of one plugin, bound to the module by its SHA-256. No times and no random serial, so equal inputs give equal bytes. */
export function writeSbom(manifest: Manifest, wasm: Uint8Array, components: readonly Component[]): string {
  const reference = `${manifest.name}@${manifest.version}`;
  return canonicalJson({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': reference,
        name: manifest.name,
        version: manifest.version,
        hashes: [{ alg: 'SHA-256', content: sha256(wasm) }],
        licenses: [{ expression: manifest.license }],
      },
    },
    components: components.map(({ name, version, license }) => ({
      type: 'library',
      'bom-ref': `${name}@${version}`,
      name,
      version,
      licenses: [{ expression: license }],
    })),
    dependencies: [{ ref: reference, dependsOn: components.map(({ name, version }) => `${name}@${version}`) }],
  });
}

const licenses = z.array(z.looseObject({ expression: z.string() })).min(1);
const sbomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({
    component: z.looseObject({
      name: z.string(),
      version: z.string(),
      hashes: z.array(z.looseObject({ alg: z.string(), content: z.string() })),
      licenses,
    }),
  }),
  components: z.array(z.looseObject({ name: z.string(), licenses })),
});

export interface SbomFacts {
  readonly name: string;
  readonly version: string;
  readonly sha256: string | undefined;
  readonly license: string;
  readonly componentLicenses: readonly string[];
}

/** Reads what the load check needs; null when it is not such an SBOM. */
export function readSbom(json: unknown): SbomFacts | null {
  const sbom = sbomSchema.safeParse(json).data;
  if (sbom === undefined) return null;
  const { component } = sbom.metadata;
  return {
    name: component.name,
    version: component.version,
    sha256: component.hashes.find(({ alg }) => alg === 'SHA-256')?.content,
    license: component.licenses[0]?.expression ?? '',
    componentLicenses: sbom.components.flatMap((each) => each.licenses.map(({ expression }) => expression)),
  };
}
