import { createInterface } from 'node:readline';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';

interface FileFlags extends CommonFlags {
  readonly out?: string;
  readonly path?: string;
  readonly accept?: 'auto' | 'suggest';
  readonly report?: string;
}

/** The merge room brings a compiler, so other commands do not wait for it. */
const loadMerge = () => import('#app/merge.ts');

const option = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, optional: true, placeholder }) as const;
const word = (brief: string, placeholder: string) => ({ brief, parse: String, placeholder }) as const;

const file = buildCommand<FileFlags, [string, string, string, string?], Shell>({
  docs: docs(
    'Merge three versions of one file by its syntax; exit 1 leaves the rest to a person, between markers',
    'maestro merge file base.ts ours.ts theirs.ts -o merged.ts',
    'Without --out the result goes over OURS, as a git merge driver does, and only what is certain is taken.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      out: option('Where the result goes (over OURS)', 'OUT'),
      path: option('Path in the repository, which tells the language (OURS)', 'PATH'),
      accept: { kind: 'enum', values: ['auto', 'suggest'], brief: 'Least certain result to take', optional: true },
      report: option('Write a page with the three sides and the result', 'HTML'),
    },
    aliases: { o: 'out' },
    positional: {
      kind: 'tuple',
      parameters: [
        word('Common ancestor', 'BASE'),
        word('Our side', 'OURS'),
        word('Their side', 'THEIRS'),
        { ...word('Same as --path: what git passes as %P', 'NAME'), optional: true },
      ],
    },
  },
  func: command(async ({ io }: Call, flags: FileFlags, base: string, ours: string, theirs: string, name?: string) => {
    const { out, accept, report } = flags;
    const path = flags.path ?? name;
    const { mergeFile, mergeGit } = await loadMerge();
    const result = await mergeFile(mergeGit(), { base, ours, theirs, out, path, accept, report });
    tell(io, { ...result, hunks: result.hunks.map((hunk) => ({ ...hunk })) }, () =>
      result.resolved
        ? `resolved by ${result.rule}, confidence ${result.confidence.toFixed(2)}`
        : `left to you: ${result.reasons.join('; ')}`,
    );
    return result.resolved ? EXIT.done : EXIT.bad;
  }),
});

const serve = buildCommand<CommonFlags, [], Shell>({
  docs: docs('Merge many: JSON lines in, JSON lines out, in order', 'maestro merge serve'),
  parameters: { flags: COMMON_FLAGS },
  func: command(async ({ io, stdin }: Call, _flags: CommonFlags) => {
    const { mergeGit, serveMerges } = await loadMerge();
    const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
    for await (const answer of serveMerges(mergeGit(), lines)) io.out(`${answer}\n`);
    return EXIT.done;
  }),
});

const install = buildCommand<CommonFlags, [string?], Shell>({
  docs: docs('Install the merge driver and mergetool in one clone', 'maestro merge install .'),
  parameters: {
    flags: COMMON_FLAGS,
    positional: { kind: 'tuple', parameters: [{ ...word('The clone', 'REPO'), optional: true }] },
  },
  func: command(async ({ io, launcher }: Call, _flags: CommonFlags, repo?: string) => {
    const { installMerge, mergeGit } = await loadMerge();
    const { attributes } = await installMerge(mergeGit(), repo ?? '.', [...launcher, 'merge']);
    tell(
      io,
      { attributes },
      () => `The merge driver is installed: ${attributes}\nWhat it leaves: git mergetool --tool=maestro`,
    );
    return EXIT.done;
  }),
});

export const mergeRoutes = buildRouteMap({
  docs: { brief: 'Merge files by their syntax, also as a git merge driver' },
  routes: { file, serve, install },
});
