import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INPUTS } from './inputs.ts';
import { type BenchResult, benchResult, target } from './result.ts';

const MAESTRO = fileURLToPath(new URL('../bin/maestro.js', import.meta.url));
const FOLDER = INPUTS.realInput ?? 'real-input';

type Params = readonly string[];
interface Input {
  /** Folder below `MAESTRO_REAL_INPUT`; a git repository, bare or not, that holds the commit. */
  readonly name: string;
  readonly commit: string;
  /** Its own test command, where it is not the `test` script of package.json. */
  readonly test: readonly string[];
  /** Bounds that its suite needs beyond the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly tasks: readonly { readonly recipe: string; readonly params: Params }[];
}

const REPOSITORIES: readonly Input[] = [
  {
    name: 'date-fns',
    commit: '313b902b9a72c64501074db9bc2b9897d2db5140',
    test: [],
    tasks: [
      { recipe: 'rename-api', params: ['from=constructFrom', 'to=constructLike', 'file=src/constructFrom/index.ts'] },
      { recipe: 'codemod', params: ['pattern=isNaN(+$D)', 'rewrite=Number.isNaN(+$D)'] },
    ],
  },
  {
    name: 'fp-ts',
    commit: 'e91bde112e0a2a4e617e8fc7f7a62ea4c10ba404',
    test: ['npm', 'run', 'vitest'],
    tasks: [
      { recipe: 'rename-api', params: ['from=flow', 'to=flowing', 'file=src/function.ts'] },
      { recipe: 'codemod', params: ['pattern=$A.length === 0', 'rewrite=$A.length < 1'] },
    ],
  },
  {
    // Maestro itself: its suite starts engines and whole conductors of its own inside the sandbox.
    name: 'maestro-conductor',
    commit: 'HEAD',
    test: [],
    settings: {
      MAESTRO_RUN_WALL: '4h',
      MAESTRO_SANDBOX_WALL: '60m',
      MAESTRO_SANDBOX_QUIET: '60m',
      MAESTRO_SANDBOX_PROCESSES: '2048',
      // The linter of its floors reserves four gibibytes of address space for each thread.
      MAESTRO_SANDBOX_MEMORY: '20GiB',
    },
    tasks: [
      { recipe: 'rename-api', params: ['from=seededRandom', 'to=seededGenerator', 'file=src/kernel/random.ts'] },
      { recipe: 'codemod', params: ['pattern=$A.length === 0', 'rewrite=$A.length < 1'] },
    ],
  },
];

type Row = {
  readonly repository: string;
  readonly commit: string;
  readonly recipe: string;
  readonly state: string;
  readonly why: string;
  readonly files: number;
  readonly seconds: number;
};

/**
 * Recipes on public repositories, landed through the product with the repository's own suite: a folder with clones is
 * named by `MAESTRO_REAL_INPUT` (public code is never part of this repository); what is not there is not measured.
 */
export async function run(options: { seed: number }): Promise<BenchResult> {
  const rows: Row[] = [];
  for (const input of REPOSITORIES.filter(({ name }) => existsSync(join(FOLDER, name))))
    rows.push(...(await landAll(input)));
  const renames = rows.filter(({ recipe }) => recipe === 'rename-api');
  const has = (name: string): boolean => rows.some(({ repository }) => repository === name);
  return benchResult({
    bench: 'real-input',
    seed: options.seed,
    rows,
    targets: [
      ...REPOSITORIES.flatMap(({ name, tasks }) =>
        tasks.map(({ recipe }) => {
          const row = rows.find((each) => each.repository === name && each.recipe === recipe);
          return target(`${recipe} on ${name} landed`, has(name) ? Number(row?.state === 'landed') : null, '=', 1);
        }),
      ),
      target(
        'files of the widest rename',
        renames.length === 0 ? null : Math.max(...renames.map(({ files }) => files)),
        '>=',
        20,
      ),
    ],
  });
}

async function landAll({ name, commit: asked, test, settings = {}, tasks }: Input): Promise<readonly Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-real-'));
  const rows: Row[] = [];
  try {
    const source = join(dir, name);
    execFileSync('git', ['clone', '--quiet', '--bare', join(FOLDER, name), source]);
    const commit = execFileSync('git', ['-C', source, 'rev-parse', asked], { encoding: 'utf8' }).trim();
    execFileSync('git', ['-C', source, 'update-ref', 'refs/heads/measured', commit]);
    const data = ['--data-dir', join(dir, 'data')];
    const maestro = (args: readonly string[]): Promise<string> => command(args, settings);
    await maestro(['tenant', 'add', 'bench', '--budget-usd', '100', ...data]);
    const words = test.map((word) => `--test=${word}`);
    await maestro(['repo', 'add', '--tenant', 'bench', source, '--branch', 'measured', ...words, ...data]);
    for (const { recipe, params } of tasks) {
      const from = performance.now();
      const given = params.map((param) => `--param=${param}`);
      const place = ['--tenant', 'bench', '--repo', name, '--max-usd', '50'];
      const task = JSON.parse(
        await maestro(['submit', ...place, '--recipe', recipe, ...given, '--wait', '--json', ...data]),
      ) as { readonly state: string; readonly change: string | null; readonly reasons: readonly { msg: string }[] };
      const diff = task.change === null ? '' : await maestro(['change', 'diff', task.change, ...data]);
      rows.push({
        repository: name,
        commit: commit.slice(0, 12),
        recipe,
        state: task.state,
        why: task.reasons.map(({ msg }) => msg).join('; '),
        files: diff.match(/^diff --git /gm)?.length ?? 0,
        seconds: Math.round((performance.now() - from) / 1000),
      });
    }
    return rows;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What the command printed on stdout; its way shows on stderr. */
async function command(args: readonly string[], settings: Readonly<Record<string, string>>): Promise<string> {
  const env = { ...process.env, ...settings };
  const child = spawn(process.execPath, [MAESTRO, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return out;
}
