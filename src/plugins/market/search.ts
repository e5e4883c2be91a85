import { compareVersions } from '../version.ts';
import type { Listing } from './oci.ts';

/** A plugin with all its versions, newest first. */
export interface Found extends Listing {
  readonly versions: readonly string[];
}

/** Plugins whose name, summary, publisher or licence contains every word; the newest version speaks for each. */
export function search(all: readonly Listing[], text: string): readonly Found[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const byName = Map.groupBy(all, ({ name }) => name);
  return [...byName.values()]
    .flatMap((listings) => {
      const sorted = listings.toSorted((a, b) => compareVersions(b.version, a.version));
      const [newest] = sorted;
      return newest === undefined ? [] : [{ ...newest, versions: sorted.map(({ version }) => version) }];
    })
    .filter((found) => {
      const hay = `${found.name} ${found.summary} ${found.publisher} ${found.license}`.toLowerCase();
      return words.every((word) => hay.includes(word));
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The listing that `name` or `name@version` means; the newest without a version. Null when there is none. */
export function choose(all: readonly Listing[], reference: string): Listing | null {
  const [name = '', wanted] = reference.split('@');
  const found = all
    .filter((listing) => listing.name === name && (wanted === undefined || listing.version === wanted))
    .toSorted((a, b) => compareVersions(b.version, a.version));
  return found[0] ?? null;
}
