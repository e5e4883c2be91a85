/**
 * Says which of the globs covers a path, if any. As in `.gitignore`: without a slash a glob fits at any depth, a leading slash
 * ties it to the top, and what names a folder covers everything in it. Dotfiles and all letter cases fit; there is no negation.
 * `*` and `?` stay within a segment, `**` is any number of segments, `{a,b}` is a or b, every other character is itself.
 */
export function pathGlobs(globs: readonly string[]): (path: string) => string | undefined {
  const matchers = globs.map((glob) => ({ glob, fits: matcherOf(glob) }));
  return (path) => matchers.find(({ fits }) => fits(path))?.glob;
}

/** Says what is wrong with a glob, null when nothing is: no brackets or backslashes, so that nobody expects them to work. */
export function pathGlobFault(glob: string): string | null {
  if (/[\\[\]\p{Cc}]/u.test(glob)) return 'has a character other than those of paths, *, ?, ** and {a,b}';
  const plain = glob.replaceAll(BRACES, 'x');
  if (/[{}]/.test(plain)) return 'has braces that are not of the form {a,b}';
  const segments = bodyOf(plain).replace(/^\/+/, '').split('/');
  if (segments.some((segment) => ['', '.', '..'].includes(segment))) return 'has an empty segment, . or ..';
  if (segments.some((segment) => segment !== '**' && segment.includes('**'))) return 'has ** beside other characters';
  return null;
}

/** True for a path from the top of a repository without empty segments, `.` and `..`. */
export function isPlainPath(path: string): boolean {
  return path.split('/').every((segment) => !['', '.', '..'].includes(segment));
}

/** Alternatives within one segment, two or more. */
const BRACES = /\{((?:[^{}/,*]|\*(?!\*))*(?:,(?:[^{}/,*]|\*(?!\*))*)+)\}/g;

function matcherOf(glob: string): (path: string) => boolean {
  const body = bodyOf(glob);
  if (body === '') return () => false;
  const anchored = body.includes('/') ? body.replace(/^\/+/, '') : `**/${body}`;
  const expression = new RegExp(`^${expressionOf(anchored)}(?:/[^/]+)*$`, 'iu');
  return (path) => expression.test(path);
}

function bodyOf(glob: string): string {
  return glob.replace(/^\.\//, '').replace(/\/+$/, '');
}

/** Control characters stand for what must not be read twice; `policies/maestro/globs.rego` writes the same expression. */
function expressionOf(glob: string): string {
  return glob
    .replaceAll(/[.+^$()|[\]\\]/g, '\\$&')
    .replaceAll(BRACES, (_, inner: string) => `\u0003${inner.replaceAll(',', '|')}\u0004`)
    .replaceAll(/[{}]/g, '\\$&')
    .replaceAll('**/', '\u0001')
    .replaceAll('**', '\u0002')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\u0001', '(?:[^/]+/)*')
    .replaceAll('\u0002', '[^/]+(?:/[^/]+)*')
    .replaceAll('\u0003', '(?:')
    .replaceAll('\u0004', ')');
}
