const MADE = /(^|\/)dist\/|\.min\.[cm]?js$/;

/** False for files that builds make by custom: changing them would be undone by the next build. */
export function isWritten(path: string): boolean {
  return !MADE.test(path);
}
