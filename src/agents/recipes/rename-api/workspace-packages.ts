import type { Files } from '../../ports.ts';
import { readText } from '../source-text.ts';

const ENDINGS = ['', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs'];
const MADE_IN = /^(dist|lib|build|out|esm|cjs)\//;

/**
 * Finds the sources behind imports of the repository's own packages, as `@org/core` from another package. Package
 * managers link these under `node_modules` and builds make their files; here neither is needed.
 */
export function workspacePackages(files: Files): (specifier: string) => string | undefined {
  const list = files.list();
  const known = new Set(list);
  const packages = new Map<string, { readonly folder: string; readonly manifest: Manifest }>();
  for (const path of list.filter((each) => each === 'package.json' || each.endsWith('/package.json'))) {
    const manifest = readManifest(readText(files, path));
    if (typeof manifest?.name === 'string')
      packages.set(manifest.name, { folder: path.slice(0, -'package.json'.length), manifest });
  }

  return (specifier) => {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    const found = packages.get(name);
    if (found === undefined) return undefined;
    const inside = specifier.slice(name.length + 1);
    for (const target of targetsOf(found.manifest, inside)) {
      const path = sourceOf(found.folder, target, known);
      if (path !== undefined) return path;
    }
    return undefined;
  };
}

interface Manifest {
  readonly [key: string]: unknown;
}

function readManifest(text: string | undefined): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    // The cast is true: an object can be asked for any key, and each value is looked at before use.
    return typeof value === 'object' && value !== null ? (value as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Where the package says that an import lands, best first, then where people usually put it. */
function targetsOf(manifest: Manifest, inside: string): readonly string[] {
  const exported = manifest['exports'];
  const entry = inside === '' ? '.' : `./${inside}`;
  const own = isObject(exported) && entry in exported ? exported[entry] : inside === '' ? exported : undefined;
  const named = inside === '' ? ['source', 'types', 'typings', 'module', 'main'].map((key) => manifest[key]) : [];
  return [...stringsIn(own), ...named.flatMap(stringsIn), `src/${inside || 'index'}`, inside || 'index'];
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value.replace(/^\.\//, '')];
  return isObject(value) ? Object.values(value).flatMap(stringsIn) : [];
}

function sourceOf(folder: string, target: string, known: ReadonlySet<string>): string | undefined {
  const bare = target.replace(/(\.d)?\.[cm]?[jt]sx?$/, '');
  const written = [bare, bare.replace(MADE_IN, 'src/'), bare.replace(MADE_IN, '')];
  const places = [target, ...written.flatMap((each) => [each, `${each}/index`])];
  for (const place of places) {
    const ending = ENDINGS.find((each) => known.has(folder + place + each));
    if (ending !== undefined && /\.[cm]?[jt]sx?$/.test(place + ending)) return folder + place + ending;
  }
  return undefined;
}
