import { join } from 'node:path';
import { GitTrees } from '#adapters/git/trees.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import { SqlActionCache } from '#adapters/sql/action-cache.ts';
import { SqlTestOutputs } from '#adapters/sql/test-outputs.ts';
import type { Change } from '#domain/change.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import { verifyTree } from '#exec/index.ts';
import type { LandParts } from '#train/index.ts';
import type { LandingLine, MergeResolver } from '#train/ports.ts';
import { commitInBare, type Place, proposal, tenant } from '../git/place.ts';

export const nobody: MergeResolver = {
  resolve: async ({ base }) => ({
    status: 'conflict',
    text: base,
    tier: 'leave',
    confidence: 0,
    rule: 'none',
    reasons: ['no rule fits'],
  }),
};

/** No line at all: every landing begins on the branch, and who is overtaken tests anew. */
export const noLine: LandingLine = { depth: 1, put: async () => undefined, places: async () => [] };

/** Each file of `parts/` has its line in `list.txt`; `red.txt` makes it fail. */
export const CHECK = `const fs = require('node:fs');
const lines = fs.readFileSync('list.txt', 'utf8').split('\\n');
const missing = fs.readdirSync('parts').filter((name) => !lines.includes(name));
if (missing.length > 0 || fs.existsSync('red.txt')) { console.log('missing', missing); process.exit(1); }
console.log('# pass 1');
`;

/** `list.txt` with room between the places, so that two entries never conflict. */
export function listWith(names: readonly string[], places = 40): string {
  const lines = Array.from(
    { length: places },
    (_, i) => `-- ${i}\n-\n${names.find((name) => name === `p${i}.txt`) ?? ''}\n-`,
  );
  return `${lines.join('\n')}\n`;
}

/** Everything that landing needs, with real tests in a plain child process; `types` stands for a type check. */
export async function landParts(
  place: Place,
  resolver: MergeResolver = nobody,
  types?: readonly string[],
): Promise<LandParts> {
  const [clock, random] = [systemClock, systemRandom];
  const searchPath = process.env['PATH'] ?? '';
  const sandbox = await detectSandbox({ clock, random, node: process.execPath, searchPath, prefer: 'process' });
  const parts = {
    files: place.objects,
    trees: new GitTrees({ git: place.git, root: join(place.dataDir, 'work/trees'), userOf: () => undefined }),
    cache: new SqlActionCache({ sql: place.store.truth, clock }),
    outputs: new SqlTestOutputs({ sql: place.store.truth, clock }),
    sandbox,
    limits: { wallMs: 60_000, memoryBytes: 4 << 30, processes: 256, outputBytes: 1 << 20 },
    nodeVersion: process.version,
  };
  const command = { tenant, ordinal: 1, environment: EMPTY_ENVIRONMENT, testCommand: ['node', 'check.js'] };
  return {
    objects: place.objects,
    forge: place.forge,
    line: noLine,
    resolver,
    locks: { remake: async () => ({ kind: 'cannot', why: 'there is no package manager here' }) },
    clock,
    verify: {
      test: ({ repo, tree }, signal) => verifyTree(parts, { ...command, repoDir: place.repoDir(repo), tree }, signal),
      ...(types && {
        types: ({ repo, tree }, signal) =>
          verifyTree(parts, { ...command, testCommand: types, repoDir: place.repoDir(repo), tree }, signal),
      }),
    },
  };
}

/** An open change with one commit on top of `base`. */
export async function openedChange(
  place: Place,
  repo: Repository,
  name: string,
  files: { readonly [path: string]: string },
  base: GitOid = repo.head,
): Promise<Change> {
  const head = await commitInBare(place, repo.id, base, files);
  await place.forge.pushBranch({ repo: repo.id, branch: `maestro/${name}`, from: null, to: head });
  return place.forge.open(proposal(repo.id, name, base, head));
}
