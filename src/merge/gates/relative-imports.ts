import { posix } from 'node:path';
import type { MergedTree } from '../ports.ts';
import type { GateResult } from './gates.ts';

const ENDINGS = ['', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** Every relative import that only one side has leads to a file of the merged tree: the other side may have moved it. */
export async function checkRelativeImports(
  path: string,
  modules: readonly string[],
  tree: MergedTree,
): Promise<GateResult> {
  const missing: string[] = [];
  for (const module of modules) if (!(await leadsSomewhere(path, module, tree))) missing.push(module);
  const gate = 'relative imports resolve';
  if (missing.length === 0) return { gate, ok: true, detail: '' };
  return { gate, ok: false, detail: `no such file in the merged tree: ${missing.slice(0, 3).join(', ')}` };
}

async function leadsSomewhere(path: string, module: string, tree: MergedTree): Promise<boolean> {
  const target = posix.normalize(posix.join(posix.dirname(path), module));
  // Paths that leave the repository are not ours to look up.
  if (target.startsWith('..')) return true;
  // TypeScript sources are imported by the name of what they compile to.
  const source = target.replace(/\.([cm]?)js(x?)$/, '');
  const candidates = ENDINGS.flatMap((ending) => [
    `${target}${ending}`,
    `${source}${ending}`,
    `${target}/index${ending}`,
  ]);
  for (const candidate of new Set(candidates)) if (await tree.has(candidate)) return true;
  return false;
}
