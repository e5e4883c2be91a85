/**
 * Globs of what a plugin is granted, relative to the workspace: `*` and `?` within a segment, `**` for any number of segments, `!` in front takes away.
 * No braces, no brackets: a pattern cannot grow. A leading dot is matched only by a pattern that writes it:
 * unlike the globs of guards (path-glob.ts), which must catch too much rather than too little, a grant must give too little.
 */
export interface GlobSet {
  /** True when a pattern matches the file and none takes it away. */
  matches(path: string): boolean;
  /** True when something below this folder could match. */
  mayContain(folder: string): boolean;
}

type Pattern = readonly string[];

/** Says what is wrong with a pattern, null when nothing is. */
export function globFault(pattern: string): string | null {
  const body = pattern.startsWith('!') ? pattern.slice(1) : pattern;
  if (body.length === 0 || body.length > 256) return 'must have 1 to 256 characters';
  if (/[\\{}[\]\p{Cc}]/u.test(body)) return 'has a character other than those of paths, *, ? and **';
  const segments = body.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'must be relative and plain';
  if (segments.some((segment) => segment.includes('**') && segment !== '**')) return 'has ** beside other characters';
  return null;
}

/** Patterns with faults match nothing; callers that have a person to tell ask `globFault` first. */
export function globSet(patterns: readonly string[]): GlobSet {
  const sound = patterns.filter((pattern) => globFault(pattern) === null);
  const split = (pattern: string): Pattern => pattern.split('/');
  const taken = sound.filter((pattern) => !pattern.startsWith('!')).map(split);
  const away = sound.filter((pattern) => pattern.startsWith('!')).map((pattern) => split(pattern.slice(1)));
  return {
    matches: (path) => {
      const segments = path.split('/');
      return taken.some((one) => full(one, segments)) && !away.some((one) => full(one, segments, true));
    },
    mayContain: (folder) => {
      const segments = folder === '' ? [] : folder.split('/');
      if (away.some((one) => one.at(-1) === '**' && full(one.slice(0, -1), segments, true))) return false;
      return taken.some((one) => prefix(one, segments));
    },
  };
}

/** Dynamic programming over pattern and path: linear in their product, whatever the pattern. */
function full(pattern: Pattern, segments: readonly string[], dots = false): boolean {
  return reach(pattern, segments, dots)[pattern.length] === true;
}

function prefix(pattern: Pattern, segments: readonly string[]): boolean {
  return reach(pattern, segments, false).some((open, at) => open && at < pattern.length);
}

/** For each pattern position: can it be reached after all segments. */
function reach(pattern: Pattern, segments: readonly string[], dots: boolean): boolean[] {
  let open = closure(pattern, [true]);
  for (const segment of segments) {
    const next: boolean[] = [];
    for (const [at, part] of pattern.entries()) {
      if (open[at] !== true) continue;
      if (part === '**') next[at] = next[at] === true || dots || !segment.startsWith('.');
      else if (segmentMatches(part, segment, dots)) next[at + 1] = true;
    }
    open = closure(pattern, next);
  }
  return open;
}

/** `**` also stands for no segment at all. */
function closure(pattern: Pattern, open: boolean[]): boolean[] {
  for (const [at, part] of pattern.entries()) if (open[at] === true && part === '**') open[at + 1] = true;
  return open;
}

/** Greedy match with one point of return: at most pattern times text steps. */
function segmentMatches(pattern: string, text: string, dots: boolean): boolean {
  if (!dots && text.startsWith('.') && !pattern.startsWith('.')) return false;
  let p = 0;
  let starAt = -1;
  let resume = 0;
  for (let t = 0; t < text.length;) {
    if (p < pattern.length && pattern[p] === '*') {
      starAt = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
