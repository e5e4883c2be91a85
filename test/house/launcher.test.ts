import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const node24 = join(repository, 'node_modules/node/bin/node');
const oldNode = findOldNode();
if (oldNode === undefined) console.log('skipped: no Node older than 24');

/** An entry that shows what the launcher handed over. */
const ENTRY = `
import { writeFileSync } from 'node:fs';
const [, , ...args]: string[] = process.argv;
if (args[0] === 'wait') {
  process.on('SIGTERM', () => { console.log('stopped'); process.exit(7); });
  setInterval(() => undefined, 1000);
  console.log('ready');
} else if (args[0] === 'die') process.kill(process.pid, 'SIGKILL');
else if (args[0] === 'merge') writeFileSync(args[3], 'merged by ' + process.version + '\\n');
else console.log(JSON.stringify({ major: Number(process.versions.node.split('.')[0]), args, cwd: process.cwd() }));
`;

let root: string;
let checkout: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'maestro launcher #1 ')));
  checkout = packageIn(join(root, 'checkout'));
  symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'));
});
afterAll(() => rmSync(root, { recursive: true }));

function packageIn(folder: string): string {
  mkdirSync(join(folder, 'src/cli'), { recursive: true });
  cpSync(join(repository, 'bin'), join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'src/cli/main.ts'), ENTRY);
  return folder;
}

function findOldNode(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find(
      (path) =>
        Number(spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.split('.')[0]) < 24,
    );
}

describe.each([
  ['Node 24', node24],
  ['an older Node', oldNode],
])('the launcher under %s', (_, node = '') => {
  const run = it.skipIf(node === '');

  run('runs the entry on Node 24, from any folder, with every argument as it was', () => {
    const { stdout, status } = spawnSync(node, [join(checkout, 'bin/maestro.js'), 'a b', '--c=*'], {
      cwd: root,
      encoding: 'utf8',
    });

    expect(JSON.parse(stdout)).toEqual({ major: 24, args: ['a b', '--c=*'], cwd: root });
    expect(status).toBe(0);
  });

  run('keeps compiled code beside the packages, for the next start', () => {
    const folder = packageIn(join(root, `fresh-${node === node24 ? 'new' : 'old'}`));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(repository, 'node_modules/node'), join(folder, 'node_modules/node'));

    const { status } = spawnSync(node, [join(folder, 'bin/maestro.js'), 'x']);

    expect(status).toBe(0);
    expect(readdirSync(join(folder, 'node_modules/.cache/maestro'))).toHaveLength(1); // one of this version of Node
  });

  run('takes a bundle only while nothing that it was made of is newer', () => {
    const folder = packageIn(join(root, `bundled-${node === node24 ? 'new' : 'old'}`));
    mkdirSync(join(folder, 'node_modules/.cache/maestro-bundle'), { recursive: true });
    symlinkSync(join(repository, 'node_modules/node'), join(folder, 'node_modules/node'));
    const [source, lock] = [join(folder, 'src/cli/main.ts'), join(folder, 'package-lock.json')];
    const bundle = join(folder, 'node_modules/.cache/maestro-bundle/main.mjs');
    writeFileSync(lock, '{}');
    writeFileSync(join(folder, 'src/cli/some.test.ts'), '');
    writeFileSync(bundle, 'console.log("bundle");');
    const start = () => spawnSync(node, [join(folder, 'bin/maestro.js')], { encoding: 'utf8' }).stdout.slice(0, 6);
    const made = (path: string, minute: number) => utimesSync(path, 60 * minute, 60 * minute);
    for (const path of [source, lock, bundle]) made(path, 1);

    expect(start(), 'as old as its source').not.toBe('bundle');
    made(bundle, 2);
    expect(start(), 'newer').toBe('bundle');
    made(source, 3);
    expect(start(), 'source changed').not.toBe('bundle');
    made(source, 1);
    made(lock, 3);
    expect(start(), 'packages changed').not.toBe('bundle');
    made(lock, 1);
    renameSync(bundle, join(folder, 'elsewhere.mjs'));
    symlinkSync(join(folder, 'elsewhere.mjs'), bundle);
    made(bundle, 2);
    expect(start(), 'made elsewhere').not.toBe('bundle');
  });

  run('works through the symbolic link that npm makes', () => {
    const link = join(root, `maestro-${node === node24 ? 'new' : 'old'}`);
    symlinkSync('checkout/bin/maestro.js', link);

    const { stdout } = spawnSync(node, [link, 'x'], { cwd: '/', encoding: 'utf8' });

    expect(JSON.parse(stdout)).toMatchObject({ major: 24, args: ['x'] });
  });

  run('forwards a signal and gives back the exit code', async () => {
    const child = spawn(node, [join(checkout, 'bin/maestro.js'), 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output === 'ready\n') child.kill('SIGTERM');
    }
    const status = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)));

    expect(output).toBe('ready\nstopped\n');
    expect(status).toBe(7);
  });

  run('is a merge driver that git can run', () => {
    const repo = join(root, `repo-${node === node24 ? 'new' : 'old'}`);
    const git = (...args: string[]) => {
      const names = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main'];
      const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
      const { status, stderr } = spawnSync('git', [...names, '-C', repo, ...args], { encoding: 'utf8', env });
      expect(stderr.replace(/^Switched.*\n/, ''), `git ${args.join(' ')}`).toBe('');
      expect(status).toBe(0);
    };
    mkdirSync(repo);
    git('init', '-q');
    git('config', 'merge.maestro.driver', `'${node}' '${join(checkout, 'bin/maestro.js')}' merge file %O %A %B`);
    writeFileSync(join(repo, '.gitattributes'), '* merge=maestro\n');
    const commit = (text: string) => {
      writeFileSync(join(repo, 'file.txt'), text);
      git('add', '-A');
      git('commit', '-qm', text);
    };
    commit('base');
    git('checkout', '-qb', 'side');
    commit('theirs');
    git('checkout', '-q', 'main');
    commit('ours');

    git('merge', '-q', '--no-edit', 'side');

    expect(readFileSync(join(repo, 'file.txt'), 'utf8')).toMatch(/^merged by v24\./);
  });
});

describe('the bundle of this checkout', () => {
  it('is what starts, and says what the sources say', () => {
    const env = { ...process.env, NODE_V8_COVERAGE: join(root, 'coverage') };
    const made = spawnSync(node24, [join(repository, 'tools/bundle.ts')], { encoding: 'utf8' });
    const help = [join(repository, 'bin/maestro.js'), '--help'];

    const bundled = spawnSync(node24, help, { encoding: 'utf8', env });
    const plain = spawnSync(node24, [join(repository, 'src/cli/main.ts'), '--help'], { encoding: 'utf8' });

    expect([made.stderr, made.status, bundled.status]).toEqual(['', 0, 0]);
    expect(bundled.stdout).toBe(plain.stdout);
    const [report = ''] = readdirSync(join(root, 'coverage'));
    const { result } = JSON.parse(readFileSync(join(root, 'coverage', report), 'utf8')) as {
      result: { url: string }[];
    };
    const loaded = result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
    expect(loaded.filter((url) => !url.includes('/maestro-bundle/'))).toEqual([
      pathToFileURL(join(repository, 'bin/maestro.js')).href,
    ]);
  });
});

describe('the launcher under an older Node', () => {
  const run = it.skipIf(oldNode === undefined);

  run('says code and cure and exits 4 when the packaged Node is missing', () => {
    const bare = packageIn(join(root, 'bare'));

    const { stderr, status } = spawnSync(oldNode ?? '', [join(bare, 'bin/maestro.js')], { encoding: 'utf8' });

    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'NODE_TOO_OLD', cure: expect.stringContaining('npm install') },
    });
    expect(status).toBe(4);
  });

  run('says the same when the packaged Node does not start', () => {
    const broken = packageIn(join(root, 'broken'));
    mkdirSync(join(broken, 'node_modules/node/bin'), { recursive: true });
    writeFileSync(join(broken, 'node_modules/node/bin/node'), 'not a program');

    const { stderr, status } = spawnSync(oldNode ?? '', [join(broken, 'bin/maestro.js')], { encoding: 'utf8' });

    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'NODE_TOO_OLD' } });
    expect(status).toBe(4);
  });

  run('says the same when the packaged Node is too old as well', () => {
    const old = packageIn(join(root, 'old'));
    mkdirSync(join(old, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(oldNode ?? '', join(old, 'node_modules/node/bin/node'));

    const { stderr, status } = spawnSync(oldNode ?? '', [join(old, 'bin/maestro.js')], { encoding: 'utf8' });

    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'NODE_TOO_OLD' } });
    expect(status).toBe(4);
  });

  run('finds the packaged Node beside itself, as npm installs it', () => {
    const installed = packageIn(join(root, 'app/node_modules/maestro-conductor'));
    mkdirSync(join(installed, 'dist/cli'), { recursive: true });
    writeFileSync(join(installed, 'dist/cli/main.js'), 'console.log(process.versions.node);');
    rmSync(join(installed, 'src'), { recursive: true });
    symlinkSync(join(repository, 'node_modules/node'), join(root, 'app/node_modules/node'));

    const { stdout } = spawnSync(oldNode ?? '', [join(installed, 'bin/maestro.js')], { encoding: 'utf8' });

    expect(stdout).toMatch(/^24\./);
  });

  run('ends as a signal would end it when the entry was killed', () => {
    const { status } = spawnSync(oldNode ?? '', [join(checkout, 'bin/maestro.js'), 'die'], { encoding: 'utf8' });

    expect(status).toBe(137);
  });
});
