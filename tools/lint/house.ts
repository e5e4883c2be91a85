import { posix } from 'node:path';

/** One subject each; a new room is one word here. */
const ROOMS = [
  'journal',
  'qos',
  'policy',
  'gateway',
  'learning',
  'agents',
  'plugins',
  'exec',
  'previews',
  'merge',
  'train',
  'evidence',
  'observe',
  'evals',
  'doctor',
  'identity',
  'api',
] as const;

export type Floor = 'kernel' | 'domain' | 'room' | 'adapter' | 'app' | 'server' | 'cli';

/** Where a source file stands. `area` is its room, adapter folder or floor: inside it imports are relative. */
export interface Place {
  readonly floor: Floor;
  /** `src/qos`, `src/adapters/sql`, `src/app`. */
  readonly area: string;
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly test: boolean;
}

/**
 * Floors of `src/` from the ground. `unknown`: a folder that has no floor, so nothing may stand or be imported there.
 * `outside`: not under `src/`.
 */
export function placeOf(path: string): Place | 'unknown' | 'outside' {
  const [top, first, second, ...rest] = posix.normalize(path).split('/');
  if (top !== 'src') return 'outside';
  const floor = floorOf(first);
  if (floor === undefined || second === undefined) return 'unknown';
  if (floor === 'adapter' && rest.length === 0) return 'unknown';
  const area = floor === 'adapter' ? `src/adapters/${second}` : `src/${first}`;
  return { floor, area, path: posix.normalize(path), test: path.endsWith('.test.ts') };
}

function floorOf(folder: string | undefined): Floor | undefined {
  if (folder === 'adapters') return 'adapter';
  if (ROOMS.some((room) => room === folder)) return 'room';
  return (['kernel', 'domain', 'app', 'server', 'cli'] as const).find((floor) => floor === folder);
}

/** What a floor may import beside its own area. */
export const BELOW: { readonly [floor in Floor]: readonly Floor[] } = {
  kernel: [],
  domain: ['kernel'],
  room: ['kernel', 'domain'],
  adapter: ['kernel', 'domain', 'room'],
  app: ['kernel', 'domain', 'room', 'adapter'],
  server: ['kernel', 'domain', 'room', 'app'],
  cli: ['kernel', 'domain', 'room', 'app', 'server'],
};

/** What adapters share, though they do not know each other: how a folder for a while comes, and how one goes that foreign programs wrote to. */
export const SHARED_BY_ADAPTERS: readonly string[] = ['temp-folder.ts', 'remove-tree.ts'].map(
  (file) => `src/adapters/files/${file}`,
);

/** The files of a room that others may name: what it does, what it needs, and its errors, which are read without loading it. */
const DOORS = ['index.ts', 'ports.ts', 'errors.ts'];

export function isDoor(place: Place): boolean {
  return DOORS.some((door) => place.path === `${place.area}/${door}`);
}
