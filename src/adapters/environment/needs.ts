import { posix } from 'node:path';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid } from '#domain/ids.ts';
import { digestOf } from '#kernel/digest.ts';
import type { Json } from '#kernel/json.ts';
import { type Declaration, DECLARATION_FILE, readDeclaration } from './declaration.ts';
import { exactVersion } from './brought.ts';
import { environmentFault } from './errors.ts';
import { MANAGER_NAMES, type ManagerName, MANAGERS } from './managers.ts';
import { decidingPart, declaredManager, hasDependencies, type Manifest, readManifest } from './manifest.ts';

/** What a commit needs to run its programs. */
export interface Needs {
  readonly kind: 'empty' | 'declared' | ManagerName;
  readonly declaration: Declaration;
  /** The package manager's version, where package.json names exactly one. */
  readonly managerVersion: string | undefined;
  /** Digest of all that decides over the outcome of a build: equal keys, equal environments. */
  readonly key: string;
}

// Beside lock and manifests these change what is installed.
const CONFIGURATION =
  /(^|\/)(\.npmrc|\.yarnrc|\.yarnrc\.yml|pnpm-workspace\.yaml|\.pnpmfile\.cjs)$|^patches\/|^\.yarn\/patches\//;

/** Reads what a commit needs. `machine` is what of this machine decides too: Node's version, platform. */
export async function readNeeds(git: Git, place: { repoDir: string; commit: GitOid }, machine: Json): Promise<Needs> {
  const tree = await readTree(git, place);
  const declaration = readDeclaration(await tree.text(DECLARATION_FILE));
  const at = (name: string): string => posix.join(declaration.directory, name);
  const text = await tree.text(at('package.json'));
  const manifest = text === undefined ? undefined : readManifest(at('package.json'), text);
  const kind = kindOf(declaration, manifest, (name) => tree.oids.has(at(name)));
  // A repository that carries its packages along has all that it needs.
  const isVendored = [...tree.oids.keys()].some((path) => path.startsWith(`${at('node_modules')}/`));
  if (kind === 'empty' || isVendored) {
    const { env } = declaration;
    const key = Object.keys(env).length === 0 ? EMPTY_ENVIRONMENT.key : digestOf({ kind: 'empty', env });
    return { kind: 'empty', declaration, managerVersion: undefined, key };
  }

  const locks = MANAGER_NAMES.flatMap((name) => MANAGERS[name].locks);
  const deciding = [...tree.oids].filter(([path]) => locks.includes(posix.basename(path)) || CONFIGURATION.test(path));
  const manifests = await deciders(tree, manifest);
  const declared = { ...declaration, manager: declaration.manager ?? null };
  const named = manifest?.['packageManager'];
  const managerVersion = typeof named === 'string' && named.startsWith(`${kind}@`) ? exactVersion(named) : undefined;
  return { kind, declaration, managerVersion, key: digestOf({ kind, machine, declared, deciding, manifests }) };
}

interface Tree {
  /** Object name by path, of all files. */
  readonly oids: ReadonlyMap<string, string>;
  text(path: string): Promise<string | undefined>;
}

async function readTree(git: Git, { repoDir, commit }: { repoDir: string; commit: GitOid }): Promise<Tree> {
  const listed = await git.run({ args: ['ls-tree', '-r', '-z', commit], gitDir: repoDir });
  const rows = listed.stdout
    .toString('utf8')
    .split('\0')
    .filter((row) => row !== '');
  // Each row is `<mode> <type> <object>\t<path>`.
  const oids = new Map(
    rows.map((row) => [row.slice(row.indexOf('\t') + 1), row.slice(0, row.indexOf('\t')).split(' ')[2] ?? '']),
  );
  const text = async (path: string): Promise<string | undefined> => {
    const oid = oids.get(path);
    return oid === undefined ? undefined : git.text({ args: ['cat-file', 'blob', oid], gitDir: repoDir });
  };
  return { oids, text };
}

function kindOf(
  declaration: Declaration,
  manifest: Manifest | undefined,
  has: (name: string) => boolean,
): Needs['kind'] {
  if (declaration.commands.length > 0) return 'declared';
  if (declaration.manager === 'none' || manifest === undefined) return 'empty';
  const named = declaration.manager ?? declaredManager(manifest);
  const locked = MANAGER_NAMES.filter((name) => MANAGERS[name].locks.some(has));
  const byName = MANAGER_NAMES.find((name) => name === named);
  if (byName !== undefined && locked.includes(byName)) return byName;
  if (locked.length > 1) {
    throw environmentFault('ENVIRONMENT_AMBIGUOUS', `the repository has lock files of ${locked.join(' and ')}`);
  }
  const [only] = locked;
  if (only !== undefined) return only;
  if (!hasDependencies(manifest)) return 'empty';
  throw environmentFault('ENVIRONMENT_LOCK_MISSING', 'package.json names dependencies, but there is no lock file');
}

/** The deciding parts of the manifests of all packages of the repository. */
async function deciders(tree: Tree, root: Manifest | undefined): Promise<Json> {
  const parts: [string, Json][] = root === undefined ? [] : [['', decidingPart(root)]];
  if (root?.['workspaces'] === undefined && !tree.oids.has('pnpm-workspace.yaml')) return parts;
  for (const path of tree.oids.keys()) {
    if (!path.endsWith('/package.json')) continue;
    const text = (await tree.text(path)) ?? '';
    // Fixtures of tests need not be right; as text they decide all the same.
    parts.push([path, isManifest(text) ? decidingPart(readManifest(path, text)) : text]);
  }
  return parts;
}

function isManifest(text: string): boolean {
  try {
    return readManifest('', text) !== undefined;
  } catch {
    return false;
  }
}
