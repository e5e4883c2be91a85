import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Git } from '#domain/git.ts';

const PATTERNS = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'json', 'jsonc', 'yml', 'yaml', 'md', 'mdx'];
const BEGIN = '# maestro merge: begin';
const END = '# maestro merge: end';

/** What was written where. */
export interface InstalledDriver {
  readonly attributes: string;
  readonly settings: readonly string[];
}

/**
 * Makes the merge driver and the mergetool known to one clone: its own config and `info/attributes`, nothing that is
 * committed. Twice is the same as once. `repo` is absolute; `program` is how git calls `maestro merge`, one word each.
 */
export async function installMergeDriver(
  git: Git,
  { repo, program }: { readonly repo: string; readonly program: readonly string[] },
): Promise<InstalledDriver> {
  // Git hands this text to a shell, so each word stands in quotes; git itself quotes what it puts for %P.
  const command = program.map(quoted).join(' ');
  const settings = {
    'merge.maestro.name': 'Maestro: merge by syntax',
    'merge.maestro.driver': `${command} file %O %A %B --path %P`,
    'mergetool.maestro.cmd': `${command} file "$BASE" "$LOCAL" "$REMOTE" --path "$MERGED" -o "$MERGED"`,
    'mergetool.maestro.trustExitCode': 'true',
  };
  for (const [name, value] of Object.entries(settings))
    await git.run({ cwd: repo, args: ['config', '--local', name, value] });
  const shown = await git.text({ cwd: repo, args: ['rev-parse', '--git-path', 'info/attributes'] });
  const attributes = resolve(repo, shown);
  await writeBlock(
    attributes,
    PATTERNS.map((ending) => `*.${ending} merge=maestro`),
  );
  return { attributes, settings: Object.keys(settings) };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

async function writeBlock(path: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const before = await readFile(path, 'utf8').catch(() => '');
  const others = before.replace(new RegExp(`${BEGIN}\n[\\s\\S]*?${END}\n?`), '');
  const start = others === '' || others.endsWith('\n') ? others : `${others}\n`;
  await writeFile(path, `${start}${[BEGIN, ...lines, END].join('\n')}\n`);
}
