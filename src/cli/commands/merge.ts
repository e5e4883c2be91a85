import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { installMerge, mergeFile, mergeGit, serveMerges } from '#app/merge.ts';
import { EXIT, type Exit } from '../exit.ts';

const USAGE = 'usage: maestro merge file BASE OURS THEIRS [-o OUT] | serve | install [REPO]\n';

/** Runs the words behind `maestro merge`: exit 0 resolved, 1 a person is needed. */
export async function mergeCommand(args: readonly string[], searchPath: string): Promise<Exit> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string', short: 'o' },
      path: { type: 'string' },
      accept: { type: 'string' },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [verb, first, ours, theirs] = positionals;
  const git = mergeGit(searchPath);
  if (verb === 'serve') {
    const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
    for await (const answer of serveMerges(git, lines)) process.stdout.write(`${answer}\n`);
    return EXIT.done;
  }
  if (verb === 'install') {
    const { attributes } = await installMerge(git, first ?? '.', [process.execPath, import.meta.filename, 'merge']);
    process.stdout.write(
      `the merge driver is installed: ${attributes}\nwhat it leaves: git mergetool --tool=maestro\n`,
    );
    return EXIT.done;
  }
  const { accept, out, path, report } = values;
  const isTier = accept === undefined || accept === 'auto' || accept === 'suggest';
  if (verb !== 'file' || first === undefined || ours === undefined || theirs === undefined || !isTier) {
    process.stderr.write(USAGE);
    return EXIT.usage;
  }
  const result = await mergeFile(git, { base: first, ours, theirs, out, path, accept, report });
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (!result.resolved) process.stderr.write(`maestro: left to you: ${result.reasons.join('; ')}\n`);
  return result.resolved ? EXIT.done : EXIT.bad;
}

if (import.meta.main) {
  const [, ...args] = process.argv.slice(2);
  process.exitCode = await mergeCommand(args, '/usr/local/bin:/usr/bin:/bin');
}
