/** The compiler wants absolute paths: the workspace is its root folder, and its own libraries stand beside it. */
export const LIBRARIES = '/@typescript-libraries';

export function toCompiler(path: string): string {
  return `/${path}`;
}

export function fromCompiler(path: string): string {
  return path.replace(/^\//, '');
}

/** Part of the repository itself, so that it may be rewritten: not a library, not installed. */
export function isOurs(compilerPath: string): boolean {
  return !compilerPath.startsWith(LIBRARIES) && !compilerPath.includes('/node_modules/');
}
