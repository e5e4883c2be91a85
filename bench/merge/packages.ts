import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Gives the tree the packages that its manifests ask for, from `cache` where they are there; false when they do not install. */
export function givePackages(dir: string, cache: string): boolean {
  const members = manifestsOf(dir);
  const home = installed(wantedBy(members.map(({ manifest }) => manifest)), cache);
  if (home === undefined) return false;
  const own = members.flatMap(({ manifest, folder }) =>
    manifest.name === undefined ? [] : [[manifest.name, folder] as const],
  );
  if (members.length === 1) symlinkSync(home, join(dir, 'node_modules'));
  else linkAll(home, new Map(own.slice(1)), join(dir, 'node_modules'));
  return true;
}

interface Manifest {
  readonly name?: string;
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface Member {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The root's manifest, then those of its workspaces. */
function manifestsOf(dir: string): readonly Member[] {
  const root = readManifest(dir);
  if (!root) return [];
  const globs = [...workspacesOf(root.manifest), ...pnpmWorkspaces(join(dir, 'pnpm-workspace.yaml'))];
  const folders = globs.flatMap((glob) => globSync(glob.replace(/\/$/, ''), { cwd: dir })).toSorted();
  return [root, ...folders.flatMap((folder) => readManifest(join(dir, folder)) ?? [])];
}

function workspacesOf({ workspaces }: Manifest): readonly string[] {
  return workspaces === undefined ? [] : 'length' in workspaces ? workspaces : (workspaces.packages ?? []);
}

function pnpmWorkspaces(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return [...readFileSync(path, 'utf8').matchAll(/^\s*-\s*['"]?([^\s'"!]+)['"]?\s*$/gm)].map((match) => match[1]!);
}

function readManifest(folder: string): Member | undefined {
  const path = join(folder, 'package.json');
  return existsSync(path) ? { folder, manifest: JSON.parse(readFileSync(path, 'utf8')) as Manifest } : undefined;
}

/** Every range that a registry can answer, the root's before its members'. */
function wantedBy(manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  const wanted: Record<string, string> = {};
  for (const { dependencies, devDependencies } of manifests)
    for (const [name, range] of Object.entries({ ...devDependencies, ...dependencies }))
      if (!isAside(name) && isInRegistry(range)) wanted[name] ??= range;
  return wanted;
}

function isInRegistry(range: string): boolean {
  return range.startsWith('npm:') || !/[:/]/.test(range);
}

/** Packages that format, lint, publish or measure: no test needs them. */
function isAside(name: string): boolean {
  return /eslint|prettier|^(nyc|istanbul|husky|lint-staged|release-it|rollup.*|vuepress|benchmark|np|denoify|tinybench|@rollup.*|netlify.*|wrangler|@cloudflare\/vite.*|arktype|typebox|recheck|publint|@typescript\/native-preview|pkg-pr-new|editorconfig-checker|@vitest\/coverage.*|@arethetypeswrong\/.*|@biomejs\/.*|jsr|mitata|madge|tsdown|tshy|zshy|supershy)$/.test(
    name,
  );
}

/** A folder of packages, shared by all trees that ask for the same majors; undefined when none installs. */
function installed(wanted: Readonly<Record<string, string>>, cache: string): string | undefined {
  const majors = Object.entries(wanted).map(
    ([name, range]) =>
      `${name}@${/\d+(\.0\.\d+|\.\d+(?=\.))?/.exec(range)?.[0].replace(/^([1-9]\d*)\..*/, '$1') ?? range}`,
  );
  const key = createHash('sha256').update(majors.toSorted().join('\n')).digest('hex').slice(0, 16);
  const home = join(cache, 'modules', key);
  const modules = join(home, 'node_modules');
  // The log is written last, also of an installation that went well: without it, one was stopped half-way.
  const log = join(home, 'npm.log');
  if (existsSync(log)) return existsSync(modules) ? modules : undefined;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', dependencies: wanted }));
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--no-package-lock'];
  const { status, stderr } = spawnSync('npm', args, { cwd: home, encoding: 'utf8', timeout: 900_000 });
  if (status !== 0) rmSync(modules, { recursive: true, force: true });
  writeFileSync(log, stderr);
  return status === 0 ? modules : undefined;
}

/** A `node_modules` of links: the shared packages, and the tree's own members in the place of their names. */
function linkAll(home: string, own: ReadonlyMap<string, string>, into: string): void {
  const shared = readdirSync(home).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(home, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  const links = new Map([...shared.map((name) => [name, join(home, name)] as const), ...own]);
  for (const [name, target] of links) {
    const link = join(into, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
}
