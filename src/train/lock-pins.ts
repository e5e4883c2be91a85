// Checksums as npm, pnpm and yarn 1 write them; commits and the checksums of later yarns; addresses.
const PINS = /\bsha\d+-[A-Za-z0-9+/]+=*|\b[0-9a-f]{40,}\b|\b(?:git\+)?(?:https?|ssh|git|file):[^\s"',}\])]+/g;

/** Checksums, commits and addresses of a lock file that none of the other versions holds; whichever package manager wrote it. */
export function newPins(lock: string, others: readonly string[]): readonly string[] {
  const known = new Set(others.flatMap(pinsOf));
  return [...new Set(pinsOf(lock))].filter((pin) => !known.has(pin));
}

function pinsOf(lock: string): readonly string[] {
  return lock.match(PINS) ?? [];
}
