import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { type AddRequest, addRepository } from '#adapters/git/import.ts';
import { gitOn } from '#adapters/git/run.ts';
import type { TenantId } from '#domain/ids.ts';
import { mountSmallDisk } from '../engines/tmpfs.ts';
import { commit, git, oid, repository, scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const client = gitOn({ searchPath: process.env['PATH'] ?? '' });
const tenant = 'red' as TenantId;
const isRoot = process.getuid?.() === 0;
let count = 0;

afterAll(() => folder[Symbol.dispose]());

function fresh(): {
  dataDir: string;
  at: (name: string) => string;
  add: (source: string, more?: Partial<AddRequest>) => ReturnType<typeof addRepository>;
} {
  const base = join(folder.dir, `${++count}`);
  const dataDir = join(base, 'data');
  mkdirSync(dataDir, { recursive: true });
  return {
    dataDir,
    at: (name) => join(base, name),
    add: (source, more = {}) => addRepository({ git: client, dataDir, roots: 'any' }, { tenant, source, ...more }),
  };
}

describe('adding a repository', () => {
  it('makes a bare copy with objects of its own and leaves the source as it was', async () => {
    const { add, at, dataDir } = fresh();
    const dir = repository(at('My Shop'), { 'a.txt': 'a' });
    git(dir, 'tag', 'v1');
    git(dir, 'branch', 'topic');
    git(dir, 'update-ref', 'refs/heads/maestro/run_x', 'HEAD');
    const before = [readdirSync(dir), statSync(join(dir, '.git/index')).mtimeMs, readdirSync(join(dir, '.git'))];

    const { repository: added, created, warnings } = await add(dir);

    const bare = join(dataDir, 'repos/red/my-shop.git');
    expect(added).toEqual({
      id: 'red/my-shop',
      tenant: 'red',
      name: 'my-shop',
      defaultBranch: 'main',
      head: oid(dir, 'HEAD'),
      origin: dir,
    });
    expect({ created, warnings }).toEqual({ created: true, warnings: [] });
    expect(git(bare, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/heads/topic\nrefs/tags/v1');
    expect(git(bare, 'config', 'gc.auto')).toBe('0');
    expect([existsSync(join(bare, 'hooks')), existsSync(join(bare, 'objects/info/alternates'))]).toEqual([
      false,
      false,
    ]);
    expect([readdirSync(dir), statSync(join(dir, '.git/index')).mtimeMs, readdirSync(join(dir, '.git'))]).toEqual(
      before,
    );
    expect(readdirSync(join(dataDir, 'repos/red'))).toEqual(['my-shop.git']);
  });

  it('is the same twice from one origin, and refused for another origin under that name', async () => {
    const { add, at } = fresh();
    const dir = repository(at('shop'));
    symlinkSync(dir, at('link'));
    const first = await add(dir);
    commit(dir, { 'later.txt': 'x' });

    const again = await add(pathToFileURL(dir).href);
    const byLink = await add(at('link'), { name: 'shop' });

    expect(again).toEqual({ ...first, created: false });
    expect(byLink.created).toBe(false);
    await expect(add(repository(at('other/shop')))).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });

  it('gives one repository to many that add it at once', async () => {
    const { add, at, dataDir } = fresh();
    const dir = repository(at('shop'));

    const added = await Promise.all(Array.from({ length: 6 }, () => add(dir)));

    expect(added.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(added.map(({ repository: { head } }) => head)).size).toBe(1);
    expect(readdirSync(join(dataDir, 'repos/red'))).toEqual(['shop.git']);
  });

  it('takes bare repositories, linked worktrees, borrowed objects and names that are not UTF-8', async () => {
    const { add, at, dataDir } = fresh();
    const dir = repository(at('src'), { 'a.txt': 'a' });
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe])]), 'odd');
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfd])]), 'odd');
    commit(dir, {});
    git(dir, 'clone', '-q', '--bare', '.', at('bare.git'));
    git(dir, 'clone', '-q', '--shared', '.', at('shared'));
    git(dir, 'worktree', 'add', '-q', '-b', 'wt', at('worktree'));

    for (const source of ['bare.git', 'shared', 'worktree']) {
      const { repository: added, warnings } = await add(at(source));
      expect(added.head).toBe(oid(dir, 'HEAD'));
      expect(warnings).toEqual([]);
      const bare = join(dataDir, 'repos', `${added.id}.git`);
      expect(existsSync(join(bare, 'objects/info/alternates'))).toBe(false);
      expect(git(bare, 'fsck', '--strict')).toBe('');
    }
  });

  it('says that uncommitted work is not included, and nothing of its own data directory', async () => {
    const { add, at } = fresh();
    const dir = repository(at('dirty'), { 'a.txt': 'a' });
    writeFileSync(join(dir, 'a.txt'), 'changed');
    writeFileSync(join(dir, 'new.txt'), 'new');

    const { warnings } = await add(dir);

    expect(warnings).toEqual([expect.stringContaining('is not included (2 files: a.txt, new.txt)')]);
    expect(git(dir, 'status', '--porcelain')).toBe(' M a.txt\n?? new.txt');
    const own = repository(at('own'), { 'a.txt': 'a' });
    mkdirSync(join(own, '.maestro'));
    const inside = { git: client, dataDir: join(own, '.maestro'), roots: 'any' } as const;
    expect((await addRepository(inside, { tenant, source: own })).warnings).toEqual([]);
  });

  it('warns of names that collide where letter case does not count, and of git-lfs', async () => {
    const { add, at } = fresh();
    const dir = repository(at('case'), { 'Read.md': 'a', 'read.md': 'b', '.gitattributes': '*.bin filter=lfs\n' });

    const { warnings } = await add(dir);

    expect(warnings).toEqual([
      'Read.md and read.md are one file where letter case does not count (macOS, Windows); rename one of them.',
      expect.stringContaining('git-lfs'),
    ]);
  });

  it.skipIf(!isRoot)('reads a repository of another user without starting any of its programs', async () => {
    const { add, at } = fresh();
    const dir = repository(at('theirs'), { 'a.txt': 'a', '.gitattributes': '* filter=evil\n' });
    for (const key of ['core.fsmonitor', 'filter.evil.clean', 'uploadpack.packObjectsHook', 'core.sshCommand']) {
      git(dir, 'config', key, `touch ${at('ran')}`);
    }
    execFileSync('chown', ['-R', '12345', dir]);
    writeFileSync(join(dir, 'a.txt'), 'changed');
    chownSync(join(dir, 'a.txt'), 12345, 12345);

    const { warnings } = await add(dir);

    expect(warnings).toEqual([expect.stringContaining('belongs to another user')]);
    expect(existsSync(at('ran'))).toBe(false);
  });

  it('takes 200 MB of history and tells how it goes', async () => {
    const { add, at } = fresh();
    const dir = repository(at('large'));
    for (let i = 0; i < 4; i++) {
      const noise = execFileSync('head', ['-c', String(50 * 1024 * 1024), '/dev/urandom'], { maxBuffer: 1e8 });
      writeFileSync(join(dir, 'noise.bin'), noise);
      git(dir, '-c', 'core.compression=0', 'add', '-A');
      git(dir, 'commit', '-q', '-m', `noise ${i}`);
    }
    git(dir, '-c', 'core.compression=0', 'repack', '-adq', '--window=0');
    const lines: string[] = [];
    const before = Date.now();

    const { repository: added } = await add(dir, { onProgress: (line) => lines.push(line) });

    expect(added.head).toBe(oid(dir, 'HEAD'));
    expect(lines.some((line) => /^Receiving objects: +\d+%/.test(line))).toBe(true);
    expect(Date.now() - before).toBeLessThan(30_000);
  }, 120_000);

  it('stops when it is told to and leaves nothing behind', async () => {
    const { add, at, dataDir } = fresh();
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error('enough'));

    const adding = add(repository(at('shop')), { onProgress, signal: stop.signal });

    await expect(adding).rejects.toThrow('enough');
    expect(readdirSync(join(dataDir, 'repos/red'))).toEqual([]);
  });

  it('clears away what a process that died had begun', async () => {
    const { add, at, dataDir } = fresh();
    const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    mkdirSync(join(dataDir, `repos/red/.incoming-${dead}-abc/bare.git`), { recursive: true });

    await add(repository(at('shop')));

    expect(readdirSync(join(dataDir, 'repos/red'))).toEqual(['shop.git']);
  });
});

describe('what cannot be added', () => {
  const refused = async (adding: Promise<unknown>, code: string, words: string): Promise<void> => {
    const fault = await adding.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(fault).toMatchObject({
      code,
      message: expect.stringContaining(words),
      cure: expect.stringMatching(/.{20}/),
    });
  };

  it('is a path that leads nowhere, a file, a plain folder, a folder inside a repository', async () => {
    const { add, at } = fresh();
    const dir = repository(at('shop'), { 'sub/a.txt': 'a' });
    mkdirSync(at('plain'));

    await refused(add(at('nowhere')), 'SOURCE_NOT_FOUND', 'nowhere');
    await refused(add(join(dir, 'sub/a.txt')), 'NOT_A_REPOSITORY', 'not a folder');
    await refused(add(at('plain')), 'NOT_A_REPOSITORY', 'not a git repository');
    await refused(add(join(dir, 'sub')), 'NOT_A_REPOSITORY', 'not a git repository');
    await refused(add(' '), 'SOURCE_NOT_FOUND', 'no path');
  });

  it('is a repository without a commit', async () => {
    const { add, at } = fresh();
    mkdirSync(at('empty'));
    git(at('empty'), 'init', '-q');

    await refused(add(at('empty')), 'EMPTY_REPOSITORY', 'no branch with a commit');
  });

  it('is one whose HEAD names no branch, unless a branch is named', async () => {
    const { add, at } = fresh();
    const dir = repository(at('shop'));
    git(dir, 'branch', 'topic');
    git(dir, 'checkout', '-q', '--detach');

    await refused(add(dir), 'DETACHED_HEAD', 'its HEAD is detached; it has main, topic');
    await refused(add(dir, { branch: 'none' }), 'BRANCH_MISSING', 'no branch none');
    expect((await add(dir, { branch: 'topic' })).repository.defaultBranch).toBe('topic');
    git(dir, 'symbolic-ref', 'HEAD', 'refs/heads/unborn');
    await refused(add(dir, { name: 'again' }), 'DETACHED_HEAD', 'without a commit');
  });

  it('is one with submodules, by their names', async () => {
    const { add, at } = fresh();
    const dir = repository(at('shop'));
    git(dir, 'submodule', 'add', '-q', repository(at('lib')), 'vendor/lib');
    git(dir, 'commit', '-qm', 'submodule');

    await refused(add(dir), 'WORKSPACE_SUBMODULES', 'vendor/lib');
  });

  it('is a shallow clone', async () => {
    const { add, at } = fresh();
    const dir = repository(at('shop'));
    commit(dir, { b: 'b' });
    git(dir, 'clone', '-q', '--depth', '1', pathToFileURL(dir).href, at('shallow'));

    await refused(add(at('shallow')), 'SHALLOW_REPOSITORY', 'whole history');
  });

  it('is one with SHA-256 names', async () => {
    const { add, at } = fresh();
    mkdirSync(at('new'));
    git(at('new'), 'init', '-q', '--object-format=sha256');
    commit(at('new'), { a: 'a' });

    await refused(add(at('new')), 'OBJECT_FORMAT', 'SHA-256');
  });

  it.each([
    ['ext::sh -c touch% /tmp/x', 'helper program'],
    ['fd::17', 'helper program'],
    ['EXT::sh', 'helper program'],
    ['ftp://host/repo', 'only https://'],
    ['git://host/repo', 'only https://'],
    ['javascript://x', 'only https://'],
    ['file://host/repo', 'no file of this machine'],
    ['-oProxyCommand=x:y', 'begins with a dash'],
    ['https://user:secret@/x', 'only https://'],
  ])('is the address %s', async (address, words) => {
    await refused(fresh().add(address, { name: 'x' }), 'SOURCE_NOT_ALLOWED', words);
  });

  it('is an address that does not answer, and its password is not told', async () => {
    const adding = fresh().add('http://ada:secret@127.0.0.1:9/shop.git');

    await refused(adding, 'SOURCE_UNREACHABLE', '127.0.0.1:9/shop.git');
    expect(JSON.stringify(await adding.catch((cause: Error) => ({ ...cause, text: cause.message })))).not.toContain(
      'secret',
    );
  });

  it('is a path outside the folders that are allowed, also behind a link, and every data directory', async () => {
    const { at, dataDir, add } = fresh();
    const dir = repository(at('home/shop'));
    symlinkSync(repository(at('secret/shop')), at('home/link'));
    mkdirSync(at('home/gitlink'));
    symlinkSync(at('secret/shop/.git'), at('home/gitlink/.git'));
    const inHome = (source: string) =>
      addRepository({ git: client, dataDir, roots: [at('home')] }, { tenant, source, name: 'x' });

    await refused(inHome(at('secret/shop')), 'SOURCE_NOT_ALLOWED', 'outside');
    await refused(inHome(at('home/../secret/shop')), 'SOURCE_NOT_ALLOWED', 'outside');
    await refused(inHome(pathToFileURL(at('secret/shop')).href), 'SOURCE_NOT_ALLOWED', 'outside');
    await refused(inHome(at('home/link')), 'SOURCE_NOT_ALLOWED', 'outside');
    await refused(inHome(at('home/gitlink')), 'SOURCE_NOT_ALLOWED', 'outside');
    expect((await inHome(dir)).created).toBe(true);
    await refused(
      add(join(dataDir, 'repos/red/x.git'), { tenant: 'blue' as TenantId }),
      'SOURCE_NOT_ALLOWED',
      'tenant',
    );
  });

  it.each(['..', 'a/b', '.git', 'A', 'x.git', 'x.lock', '', 'x.', '-x'])('is the name %j', async (name) => {
    const { add, at } = fresh();

    await refused(add(repository(at('shop')), { name }), 'NAME_INVALID', JSON.stringify(name));
  });

  it('is anything for a tenant with a bad name, or into a folder that leads outside', async () => {
    const { add, at, dataDir } = fresh();
    const dir = repository(at('shop'));
    mkdirSync(join(dataDir, 'repos'));
    mkdirSync(at('elsewhere'));
    symlinkSync(at('elsewhere'), join(dataDir, 'repos/red'));

    await refused(add(dir, { tenant: '../x' as TenantId }), 'NAME_INVALID', 'tenant');
    await refused(add(dir), 'DATA_DIR_NOT_WRITABLE', 'outside');
    expect(readdirSync(at('elsewhere'))).toEqual([]);
  });

  it('is anything into a data directory that cannot be written', async () => {
    const { at, dataDir, add } = fresh();
    writeFileSync(join(dataDir, 'repos'), 'a file');

    await refused(add(repository(at('shop'))), 'DATA_DIR_NOT_WRITABLE', 'nothing can be written');
    expect(readFileSync(join(dataDir, 'repos'), 'utf8')).toBe('a file');
  });

  it('is anything onto a disk that is full or read-only, and nothing is left of it', async (context) => {
    const disk = mountSmallDisk(8 << 20);
    if (disk === undefined) return context.skip();
    try {
      const dir = repository(fresh().at('large'), { 'noise.bin': randomBytes(12 << 20) });
      const adding = () => addRepository({ git: client, dataDir: disk.dir, roots: 'any' }, { tenant, source: dir });

      await refused(adding(), 'DATA_DIR_NOT_WRITABLE', 'is full');
      expect(readdirSync(join(disk.dir, 'repos/red'))).toEqual([]);
      disk.makeReadOnly();
      await refused(adding(), 'DATA_DIR_NOT_WRITABLE', 'nothing can be written');
    } finally {
      disk.remove();
    }
  });
});
