import { z } from 'zod';
import type { PluginIdentity } from '#domain/plugin-identity.ts';
import { statement, type Statement, type Subject } from '../statement.ts';
import { PLUGINS } from '../uris.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Every plugin that ran for the subject: identity, grant, walls, SBOM, and what its edits changed. Digests are SHA-256 hex. */
export const pluginsSchema = z.object({
  plugins: z.array(
    z.object({
      id: z.string(),
      version: z.string(),
      digests: z.object({ module: digest, manifest: digest, sbom: digest }),
      instrumentedDigest: digest,
      builder: z.string(),
      keyIds: z.array(z.string()),
      granted: z.array(z.string()),
      walls: z.array(z.string()),
      /** CycloneDX JSON, byte for byte; null when the store no longer had it, and only its digest is known. */
      sbom: z.string().nullable(),
      calls: z.int(),
      /** Calls that ended without output, by code. */
      failures: z.record(z.string(), z.int()),
      edited: z.array(z.string()),
    }),
  ),
});

/** One plugin in one run, over all of its calls there. */
export interface PluginUse extends PluginIdentity {
  readonly sbom: string | null;
  readonly calls: number;
  readonly failures: { readonly [code: string]: number };
  readonly edited: readonly string[];
}

export function pluginsStatement(subject: Subject, uses: readonly PluginUse[]): Statement {
  const plugins = uses.map((use) => ({
    ...use,
    digests: { ...use.digests },
    keyIds: [...use.keyIds],
    granted: [...use.granted],
    walls: [...use.walls],
    failures: { ...use.failures },
    edited: [...use.edited],
  }));
  return statement({ subject: [subject], predicateType: PLUGINS, predicate: { plugins } });
}
