import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Something on disk, and where the child looks for it; the two differ where a folder on the way is a link. */
export interface Readable {
  readonly real: string;
  readonly seenAt: string;
}

/** What the child's own modules come from, and nothing beside it: the package's root may hold `.maestro` with its keys. */
export function ownCode(): readonly Readable[] {
  const source = fileURLToPath(new URL('../..', import.meta.url));
  const linear = findPackage('re2js', source);
  const syntax = findPackage('@ast-grep/napi', source);
  const besideSyntax = dirname(dirname(syntax.seenAt));
  // The engine's native part is a package of its own, one for each kind of machine.
  const native = optionalPackages(syntax.real).flatMap((name) => {
    const found = lookUp(name, syntax.real);
    return found === null ? [] : [{ real: found.real, seenAt: join(besideSyntax, name) }];
  });
  return [...[source, join(source, '..', 'package.json')].map(asItIs), linear, syntax, ...native];
}

function asItIs(path: string): Readable {
  return { real: path, seenAt: path };
}

function findPackage(name: string, from: string): Readable {
  const found = lookUp(name, from);
  if (found === null) throw new Error(`the package ${name} is not installed`);
  return found;
}

/** As Node does it: `node_modules` of this folder and of those above. */
function lookUp(name: string, from: string): Readable | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(path)) return { real: realpathSync(path), seenAt: path };
    if (folder === dirname(folder)) return null;
  }
}

function optionalPackages(folder: string): readonly string[] {
  // The cast is checked: only the names are used, and a package without them has none.
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { optionalDependencies?: object };
  return Object.keys(about.optionalDependencies ?? {});
}
