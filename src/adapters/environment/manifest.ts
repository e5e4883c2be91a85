import { z } from 'zod';
import type { Json } from '#kernel/json.ts';
import { environmentFault } from './errors.ts';

// What of a package.json decides over installed packages. Scripts, version and texts do not, so changing them builds nothing.
const DECIDING = [
  'name',
  'bin',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
  'workspaces',
  'packageManager',
  'pnpm',
  'engines',
] as const;

const manifest = z.record(z.string(), z.json());

export type Manifest = z.infer<typeof manifest>;

export function readManifest(path: string, text: string): Manifest {
  try {
    return manifest.parse(JSON.parse(text.replace(/^\ufeff/, '')));
  } catch (cause) {
    throw environmentFault('ENVIRONMENT_MANIFEST_INVALID', `${path} is not a JSON object`, { cause });
  }
}

export function decidingPart(of: Manifest): Json {
  return Object.fromEntries(DECIDING.filter((key) => of[key] !== undefined).map((key) => [key, of[key] ?? null]));
}

export function hasDependencies(of: Manifest): boolean {
  const lists = [of['dependencies'], of['devDependencies'], of['optionalDependencies']];
  return lists.some((list) => typeof list === 'object' && list !== null && Object.keys(list).length > 0);
}

/** The name before the `@` of `packageManager`, as in `pnpm@9.1.0`. */
export function declaredManager(of: Manifest): string | undefined {
  const declared = of['packageManager'];
  return typeof declared === 'string' ? declared.split('@')[0] : undefined;
}
