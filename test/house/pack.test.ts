import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** Files that do their work when they are loaded. */
const PROGRAM = /(^|[/-])main\.js$|plugin-runner\/(child|worker)\.js$/;
let root: string;
let installed: string;
const folders: string[] = [];

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  expect(stderr, program).toBe('');
  expect(status, program).toBe(0);
  return stdout;
}

/** As npm installs it, but without a registry: the dependencies are those of this repository. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'maestro-pack-'));
  const [tarball] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', root], repository)) as [
    { filename: string },
  ];
  installed = join(root, 'node_modules/maestro-conductor');
  mkdirSync(installed, { recursive: true });
  run('tar', ['-xzf', join(root, tarball.filename), '--strip-components=1', '-C', installed], root);
  for (const name of readdirSync(join(repository, 'node_modules'))) {
    if (name !== 'maestro-conductor')
      symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name));
  }
});
afterAll(() => [root, ...folders].forEach((folder) => rmSync(folder, { recursive: true, force: true })));

describe('the published package', () => {
  it('holds the launcher and compiled code, and neither sources nor tests', () => {
    const files = globSync('**/*', { cwd: installed });

    expect(files).toContain('bin/maestro.js');
    expect(files).toContain('dist/app/config/config.js');
    // Examples are repositories, and the sources of plugins are what authors begin from.
    const own = files.filter((file) => !/^(examples|plugins)\//.test(file));
    expect(own.filter((file) => extname(file) === '.ts' && !file.endsWith('.d.ts'))).toEqual([]);
    expect(files.filter((file) => file.startsWith('dist/') && file.includes('.test.'))).toEqual([]);
  });

  it('holds every file that lies beside the code', () => {
    const beside = globSync('src/**/*.*', { cwd: repository }).filter(
      (path) => !['.ts', '.md'].includes(extname(path)),
    );

    expect(beside.filter((path) => !existsSync(join(installed, path.replace(/^src/, 'dist'))))).toEqual([]);
  });

  it('can load each of its modules where Node strips no types', () => {
    const modules = globSync('dist/**/*.js', { cwd: installed }).filter((path) => !PROGRAM.test(path));
    const load = `for (const path of ${JSON.stringify(modules)}) await import(${JSON.stringify(pathToFileURL(installed).href)} + '/' + path);`;

    run(process.execPath, ['--input-type=module', '-e', `${load} console.log('loaded');`], root);

    expect(modules.length).toBeGreaterThan(30);
  });

  it.skipIf(!existsSync(join(repository, 'src/cli/main.ts')))('starts', () => {
    expect(run(process.execPath, [join(installed, 'bin/maestro.js'), '--help'], root)).toContain('maestro');
  });

  it('gives its entry bullmq-fair to whoever has bullmq and ioredis beside it, and nothing else', () => {
    const alone = folderWith('alone', { bullmq: 'link', ioredis: 'link' });
    const load = `const { createFairBackend } = await import('maestro-conductor/bullmq-fair'); console.log(typeof createFairBackend());`;

    expect(run(process.execPath, ['--input-type=module', '-e', load], alone)).toBe('function\n');
  });

  it('gives its entry client, a function that makes a client', () => {
    const load = `const { maestroClient } = await import('maestro-conductor/client'); console.log(typeof maestroClient({ url: 'http://127.0.0.1:1' }).listTenants);`;

    expect(run(process.execPath, ['--input-type=module', '-e', load], root)).toBe('function\n');
    expect(existsSync(join(installed, 'dist/app/api-client.d.ts'))).toBe(true);
  });

  it('says which bullmq the entry bullmq-fair needs when there is another, or none', () => {
    const load = `await import('maestro-conductor/bullmq-fair').catch((error) => console.log(error.code, error.details.found));`;
    const said = (name: string, modules: { readonly [name: string]: string }): string =>
      run(process.execPath, ['--input-type=module', '-e', load], folderWith(name, modules));

    expect(said('older', { bullmq: '5.56.0' })).toBe('BULLMQ_VERSION 5.56.0\n');
    expect(said('none', {})).toBe('BULLMQ_VERSION null\n');
  });
});

/** A folder with the package, and beside it modules: those of this repository, or empty ones of a version. */
function folderWith(name: string, modules: { readonly [name: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), `maestro-pack-${name}-`));
  folders.push(folder);
  mkdirSync(join(folder, 'node_modules'));
  cpSync(installed, join(folder, 'node_modules/maestro-conductor'), { recursive: true });
  for (const [module, version] of Object.entries(modules)) {
    const at = join(folder, 'node_modules', module);
    if (version === 'link') symlinkSync(join(repository, 'node_modules', module), at);
    else {
      mkdirSync(at);
      writeFileSync(join(at, 'package.json'), JSON.stringify({ name: module, version }));
    }
  }
  return folder;
}
