/** Files that a package manager writes, and how it makes each of them anew: their merge is a fresh run of it. */
const COMMANDS: { readonly [name: string]: string } = Object.freeze({
  'package-lock.json': 'npm install --package-lock-only',
  'npm-shrinkwrap.json': 'npm install --package-lock-only',
  'pnpm-lock.yaml': 'pnpm install --lockfile-only',
  'yarn.lock': 'yarn install',
  'bun.lock': 'bun install',
  'bun.lockb': 'bun install',
  'deno.lock': 'deno install',
});

/** The command that makes a lock file anew; undefined when the path is none. */
export function lockFileCommand(path: string): string | undefined {
  return COMMANDS[path.slice(path.lastIndexOf('/') + 1)];
}
