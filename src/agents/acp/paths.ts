import { posix } from 'node:path';

/** Where the workspace stands inside the walls. Without walls it is the folder itself. */
export const WORKSPACE = '/workspace';

/** A path as the agent writes it, relative to the workspace; undefined when it is outside. */
export function insidePath(path: string, root: string): string | undefined {
  const place = posix.isAbsolute(path) ? posix.normalize(path) : posix.join(root, path);
  if (place === root) return '.';
  return place.startsWith(`${root}/`) ? place.slice(root.length + 1) : undefined;
}
