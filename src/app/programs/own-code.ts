import { fileURLToPath } from 'node:url';

/** A program of Maestro's own that runs inside the sandbox, with all that it needs to read there. */
export interface InnerCommand {
  readonly argv: readonly string[];
  readonly readOnly: readonly string[];
}

/** Starts a main file that stands beside this one: in a checkout Node runs the TypeScript itself, a published package has JavaScript. */
export function innerCommand(main: string, packages: readonly string[] = []): InnerCommand {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const installed = packages.map((name) => fileURLToPath(import.meta.resolve(name)));
  // Whatever is installed beside a package may be needed by it.
  const folders = installed.map((path) => path.slice(0, path.indexOf('/node_modules/') + '/node_modules'.length));
  const own = [here('../../../package.json'), here('../..').replace(/\/$/, '')];
  return { argv: ['node', here(`./${main}.${ending}`)], readOnly: [...new Set([...own, ...folders])] };
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
