import { Minimatch } from 'minimatch';

/**
 * Says which of the globs covers a path, if any. As in `.gitignore`: without a slash a glob fits at any depth, a leading slash
 * ties it to the top, and what names a folder covers everything in it. Dotfiles and all letter cases fit; there is no negation.
 */
export function pathGlobs(globs: readonly string[]): (path: string) => string | undefined {
  const matchers = globs.map((glob) => ({ glob, fits: matcherOf(glob) }));
  return (path) => matchers.find(({ fits }) => fits(path))?.glob;
}

function matcherOf(glob: string): (path: string) => boolean {
  const trimmed = glob.replace(/^\.\//, '').replace(/\/+$/, '');
  if (trimmed === '') return () => false;
  const anchored = trimmed.includes('/') ? trimmed.replace(/^\/+/, '') : `**/${trimmed}`;
  const options = { dot: true, nocase: true, nonegate: true, nocomment: true, noext: true, platform: 'linux' } as const;
  const itself = new Minimatch(anchored, options);
  const inside = new Minimatch(`${anchored}/**`, options);
  return (path) => itself.match(path) || inside.match(path);
}
