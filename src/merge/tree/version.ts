import type { Three } from './three.ts';

const literal = /^(["'])([\^~]|>=)?v?(\d+)\.(\d+)(?:\.(\d+))?(-[\w.]+)?\1$/;

/** Where both sides raised one version number, the higher one; undefined for anything else. */
export function higherVersion(three: Three<string>): string | undefined {
  const [base, ours, theirs] = [three.base, three.ours, three.theirs].map((token) => literal.exec(token));
  if (!base || !ours || !theirs || ours[2] !== theirs[2]) return undefined;
  if (![base, ours, theirs].some(isVersion)) return undefined;
  if (compare(ours, base) <= 0 || compare(theirs, base) <= 0) return undefined;
  return compare(ours, theirs) >= 0 ? three.ours : three.theirs;
}

/** Two numbers with a point between could be anything; a third one, a range mark or a pre-release makes a version. */
function isVersion(parts: RegExpExecArray): boolean {
  return parts[2] !== undefined || parts[5] !== undefined || parts[6] !== undefined;
}

/** Precedence of semantic versions (semver.org 2.0.0, section 11). */
function compare(a: RegExpExecArray, b: RegExpExecArray): number {
  for (const part of [3, 4, 5]) {
    const difference = Number(a[part] ?? 0) - Number(b[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePrerelease(a[6], b[6]);
}

function comparePrerelease(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  const left = a.slice(1).split('.');
  const right = b.slice(1).split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if (left[i] === right[i]) continue;
    if (left[i] === undefined || right[i] === undefined) return left[i] === undefined ? -1 : 1;
    const [x, y] = [Number(left[i]), Number(right[i])];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return left[i]! < right[i]! ? -1 : 1;
  }
  return 0;
}
