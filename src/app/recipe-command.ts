import { fileURLToPath } from 'node:url';
import type { RecipeCommand } from '#agents/index.ts';

/** The recipe program of this installation, a checkout or a package, with all that it needs to read. */
export function recipeCommand(): RecipeCommand {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const packages = ['@ts-morph/common', '@ast-grep/napi'].map((name) => fileURLToPath(import.meta.resolve(name)));
  // Whatever is installed beside them may be needed by them.
  const folders = packages.map((path) => path.slice(0, path.indexOf('/node_modules/') + '/node_modules'.length));
  return {
    argv: ['node', here(`./recipe-main.${ending}`)],
    readOnly: [...new Set([here('../../package.json'), here('..').replace(/\/$/, ''), ...folders])],
  };
}
