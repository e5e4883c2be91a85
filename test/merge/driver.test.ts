import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const IDENTITY = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
const entry = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
const base = 'export interface Settings {\n  port: number;\n}\n\nexport const start = (port: number) => port;\n';
const ours = base.replace('  port: number;\n', '  port: number;\n  host: string;\n');
const theirs = base.replace('  port: number;\n', '  port: number;\n  secure: boolean;\n');
const both = base.replace('  port: number;\n', '  port: number;\n  host: string;\n  secure: boolean;\n');

describe('the merge driver in a real clone', () => {
  let repo = '';
  const git = (...args: readonly string[]): string =>
    execFileSync('git', [...IDENTITY, ...args], {
      cwd: repo,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const attempt = (...args: readonly string[]): number | null =>
    spawnSync('git', [...IDENTITY, ...args], { cwd: repo }).status;
  const commit = (text: string, message: string): void => {
    writeFileSync(join(repo, 'settings.ts'), text);
    git('commit', '-qam', message);
  };
  const result = (): string => readFileSync(join(repo, 'settings.ts'), 'utf8');

  beforeEach(() => {
    repo = mkdtempSync(join(tmpdir(), 'maestro-driver-'));
    git('init', '-q', '-b', 'main');
    writeFileSync(join(repo, 'settings.ts'), base);
    git('add', '.');
    git('commit', '-qm', 'base');
    git('checkout', '-qb', 'side');
    commit(theirs, 'theirs');
    git('checkout', '-q', 'main');
    commit(ours, 'ours');
    execFileSync(process.execPath, [entry, 'merge', 'install', repo]);
  });
  afterEach(() => rmSync(repo, { recursive: true, force: true }));

  it('resolves during merge', () => {
    git('merge', '-q', '--no-edit', 'side');

    expect(result()).toBe(both);
    expect(git('status', '--porcelain')).toBe('');
  });

  it('resolves during rebase, where the sides change roles', () => {
    git('checkout', '-q', 'side');

    git('rebase', '-q', 'main');

    expect(result()).toBe(both);
  });

  it('resolves during cherry-pick', () => {
    git('cherry-pick', 'side');

    expect(result()).toBe(both);
  });

  it('leaves ordinary markers where the same token changed', () => {
    git('checkout', '-q', 'side');
    commit(theirs.replace('=> port', '=> port + 1'), 'theirs too');
    git('checkout', '-q', 'main');
    commit(ours.replace('=> port', '=> port + 2'), 'ours too');

    expect(attempt('merge', '--no-edit', 'side')).toBe(1);

    expect(result()).toMatch(/^<<<<<<< /m);
    expect(result()).toMatch(/^>>>>>>> /m);
    expect(git('status', '--porcelain').trim()).toBe('UU settings.ts');
  });

  /** One more file, changed on both sides. */
  const bothChanged = (path: string, before: string, mine: string, yours: string): void => {
    const write = (text: string): void => {
      writeFileSync(join(repo, path), text);
      git('add', '.');
      git('commit', '-qm', text === before ? 'before' : 'after');
    };
    const start = git('merge-base', 'main', 'side').trim();
    for (const [branch, text] of [
      ['side', yours],
      ['main', mine],
    ] as const) {
      git('checkout', '-q', branch);
      git('reset', '-q', '--hard', start);
      write(before);
      write(text);
    }
  };

  it('leaves proposals as conflicts, and mergetool takes them', () => {
    const body = (...lines: readonly string[]): string =>
      `export function start(log) {\n  log('begin');\n${lines.map((line) => `  log('${line}');\n`).join('')}}\n`;
    bothChanged('start.js', body(), body('one'), body('two'));

    expect(attempt('merge', '--no-edit', 'side')).toBe(1);
    expect(readFileSync(join(repo, 'start.js'), 'utf8')).toMatch(/^<<<<<<< /m);

    git('mergetool', '--tool=maestro', '--no-prompt');

    expect(readFileSync(join(repo, 'start.js'), 'utf8')).toBe(body('one', 'two'));
    expect(git('diff', '--name-only', '--diff-filter=U')).toBe('');
  });

  it('leaves to mergetool what it cannot merge, which then leaves it too', () => {
    bothChanged('port.js', 'export const port = 80;\n', 'export const port = 81;\n', 'export const port = 82;\n');

    expect(attempt('merge', '--no-edit', 'side')).toBe(1);
    attempt('mergetool', '--tool=maestro', '--no-prompt');

    expect(readFileSync(join(repo, 'port.js'), 'utf8')).toMatch(/^>>>>>>> /m);
    expect(git('diff', '--name-only', '--diff-filter=U').trim()).toBe('port.js');
  });

  it('names the command that makes a lock file anew, and leaves it', () => {
    const lock = (name: string): string => `{\n  "packages": {\n    "${name}": {}\n  }\n}\n`;
    bothChanged('package-lock.json', lock('a'), lock('b'), lock('c'));

    const merge = spawnSync('git', [...IDENTITY, 'merge', '--no-edit', 'side'], { cwd: repo, encoding: 'utf8' });

    expect(merge.status).toBe(1);
    expect(merge.stdout + merge.stderr).toContain('npm install --package-lock-only');
  });

  it("leaves git's own result for bytes that are no text", () => {
    const bytes = (mark: number): Buffer => Buffer.from([0xff, 0xfe, 0x0a, mark, 0x0a]);
    for (const [branch, mark] of [
      ['side', 0x31],
      ['main', 0x32],
    ] as const) {
      git('checkout', '-q', branch);
      writeFileSync(join(repo, 'odd.ts'), bytes(mark));
      git('add', '.');
      git('commit', '-qm', 'odd');
    }

    expect(attempt('merge', '--no-edit', 'side')).toBe(1);

    expect(readFileSync(join(repo, 'odd.ts')).includes(Buffer.from('<<<<<<<'))).toBe(true);
    expect(result()).toBe(both);
  });

  it('is installed once however often it is asked, from wherever', () => {
    execFileSync(process.execPath, [entry, 'merge', 'install', '.'], { cwd: repo });
    execFileSync(process.execPath, [entry, 'merge', 'install'], { cwd: repo });

    const attributes = readFileSync(join(repo, '.git', 'info', 'attributes'), 'utf8');

    expect(attributes.match(/\*\.ts merge=maestro/g)).toHaveLength(1);
  });

  it('is not installed where there is no repository, with what to do', () => {
    const away = spawnSync(process.execPath, [entry, 'merge', 'install', tmpdir()], { encoding: 'utf8' });

    expect(away.status).toBe(2);
    expect(away.stderr).toContain('git init');
  });

  it('writes a page that shows the sides beside the result', () => {
    for (const [name, text] of [
      ['b.ts', base],
      ['o.ts', ours],
      ['t.ts', theirs],
    ] as const)
      writeFileSync(join(repo, name), text);

    const json = execFileSync(
      process.execPath,
      [entry, 'merge', 'file', 'b.ts', 'o.ts', 't.ts', '-o', 'out.ts', '--report', 'page.html', '--json'],
      { cwd: repo, encoding: 'utf8' },
    );

    expect(JSON.parse(json)).toMatchObject({ resolved: true, tier: 'auto', rule: 'both-added', hunks: [{ lines: 2 }] });
    expect(readFileSync(join(repo, 'out.ts'), 'utf8')).toBe(both);
    expect(readFileSync(join(repo, 'page.html'), 'utf8')).toContain('nothing lost or doubled');
  });
});
