import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitHttp } from '#adapters/git/http.ts';
import { addRepository } from '#adapters/git/import.ts';
import type { Change } from '#domain/change.ts';
import type { PrincipalId, TenantId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import { systemClock } from '#kernel/clock.ts';
import { jsonLog } from '#kernel/log.ts';
import { commitInBare, gitPlace, openPlace, type Place, proposal, tenant } from './place.ts';
import { commit, git, oid, repository, scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const run = promisify(execFile);
const pushed: string[] = [];
let place: Place;
let repo: Repository;
let foreign: Repository;
let change: Change;
let base = '';
let stop = async (): Promise<void> => undefined;

beforeAll(async () => {
  place = await openPlace(join(folder.dir, 'data'));
  repo = await place.add(repository(join(folder.dir, 'shop'), { 'a.txt': 'a\n' }));
  foreign = await place.add(repository(join(folder.dir, 'other')), 'blue' as TenantId);
  change = await opened('run_1');
  const handle = gitHttp({
    place: gitPlace,
    prefix: '/git',
    repoDir: place.repoDir,
    authorise: async ({ repo: id, token }) => {
      if (token === undefined || !token.endsWith('-token')) return { kind: 'unknown' };
      if (!id.startsWith(`${token.slice(0, -'-token'.length)}/`)) return { kind: 'denied', why: 'not your tenant' };
      return { kind: 'granted', by: `human:${token}` as PrincipalId };
    },
    pushProblem: (id, ref) => place.forge.pushProblem(id, ref),
    onPushed: async ({ repo: id, refs, by }) => {
      pushed.push(`${by} ${refs.join(' ')}`);
      await place.forge.sync(id);
    },
    log: jsonLog({ clock: systemClock, least: 'error', write: (line) => process.stderr.write(line) }),
  });
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = () => new Promise((resolve) => server.close(() => resolve()));
});
afterAll(async () => {
  await stop();
  await place.store.close();
  folder[Symbol.dispose]();
});

async function opened(run: string): Promise<Change> {
  const head = await commitInBare(place, repo.id, repo.head, { [run]: 'x' });
  await place.forge.pushBranch({ repo: repo.id, branch: `maestro/${run}`, from: null, to: head });
  return place.forge.open(proposal(repo.id, run, repo.head, head));
}

const url = (id: string, user = 'ada:red-token@'): string => `http://${user}${base}/git/${id}.git`;

/** The ordinary client, not in this thread's way, since the server is in it. */
async function client(cwd: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: folder.dir, GIT_TERMINAL_PROMPT: '0' };
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const { stdout, stderr } = await run('git', [...identity, ...args], { cwd, env, encoding: 'utf8' });
  return (stdout + stderr).trimEnd();
}

async function failure(cwd: string, ...args: string[]): Promise<string> {
  return client(cwd, ...args).then(
    () => 'it worked',
    (cause: unknown) => String(cause),
  );
}

async function cloned(name: string): Promise<string> {
  const dir = join(folder.dir, name);
  await client(folder.dir, 'clone', '-q', url(repo.id), dir);
  return dir;
}

describe('the ordinary client', () => {
  it('clones, with protocol 2 and 0, whole and partial', async () => {
    const dir = await cloned('c1');
    await client(folder.dir, '-c', 'protocol.version=0', 'clone', '-q', url(repo.id), 'c0');
    await client(folder.dir, 'clone', '-q', '--filter=blob:none', '--depth=1', url(repo.id), 'partial');

    for (const each of [dir, join(folder.dir, 'c0'), join(folder.dir, 'partial')]) {
      expect(readFileSync(join(each, 'a.txt'), 'utf8')).toBe('a\n');
      expect(oid(each, 'HEAD')).toBe(repo.head);
    }
    expect(await client(dir, 'ls-remote', 'origin')).not.toContain('refs/maestro');
  });

  it('speaks protocol 2 where it asks for it', async () => {
    const trace = await run('git', ['ls-remote', url(repo.id)], {
      env: { PATH: process.env['PATH'], GIT_TRACE_PACKET: '1', HOME: folder.dir },
    });

    expect(trace.stderr).toContain('version 2');
  });

  it('fetches a change by its branch and by its number', async () => {
    const dir = await cloned('c2');

    await client(dir, 'fetch', '-q', 'origin', `refs/changes/${change.id}/head`);
    const byNumber = oid(dir, 'FETCH_HEAD');
    await client(dir, 'fetch', '-q', 'origin', change.branch);

    expect([byNumber, oid(dir, 'FETCH_HEAD')]).toEqual([change.head, change.head]);
  });

  it('pushes to the branch of an open change, which then holds what was pushed', async () => {
    const mine = await opened('run_push');
    const dir = await cloned('c3');
    await client(dir, 'checkout', '-q', mine.branch);
    const head = commit(dir, { 'more.txt': 'by hand' });

    await client(dir, 'push', '-q', 'origin', mine.branch);

    expect(await place.forge.find(mine.id)).toMatchObject({ head });
    expect(git(place.repoDir(repo.id), 'rev-parse', `refs/changes/${mine.id}/head`)).toBe(head);
    expect(pushed.at(-1)).toBe(`human:red-token refs/heads/${mine.branch}`);
    await client(dir, 'commit', '-q', '--amend', '-m', 'again');
    await client(dir, 'push', '-q', '--force-with-lease', 'origin', mine.branch);
    expect(await place.forge.find(mine.id)).toMatchObject({ head: oid(dir, 'HEAD') });
  });

  it('fetches with a body that it zips, when it has much to tell', async () => {
    const dir = await cloned('c6');
    for (let i = 0; i < 120; i++) git(dir, 'commit', '-q', '--allow-empty', '-m', `${i}`);
    const mine = await opened('run_zip');
    const trace = run('git', ['-c', 'protocol.version=0', 'fetch', 'origin', mine.branch], {
      cwd: dir,
      env: { PATH: process.env['PATH'], HOME: folder.dir, GIT_CURL_VERBOSE: '1' },
    });

    expect((await trace).stderr.toLowerCase()).toContain('content-encoding: gzip');
    expect(oid(dir, 'FETCH_HEAD')).toBe(mine.head);
  });
});

describe('adding a repository by its address', () => {
  it('works over http, and keeps the password nowhere', async () => {
    const dataDir = join(folder.dir, 'second');
    mkdirSync(dataDir);

    const added = await addRepository(
      { git: place.git, dataDir, roots: [] },
      { tenant, source: url(repo.id), name: 'copy', branch: 'main' },
    );

    expect(added.repository).toMatchObject({ head: repo.head, origin: `http://${base}/git/${repo.id}.git` });
    const bare = join(dataDir, 'repos/red/copy.git');
    expect(readFileSync(join(bare, 'config'), 'utf8')).not.toContain('red-token');
    expect(git(bare, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    const again = addRepository(
      { git: place.git, dataDir, roots: [] },
      { tenant, source: url(repo.id, ''), name: 'copy' },
    );
    expect((await again).created).toBe(false);
  });
});

describe('a push that may not be', () => {
  it.each([
    ['the default branch', 'HEAD:main', 'protected'],
    ['the default branch by force', '+HEAD~0:refs/heads/main', 'protected'],
    ['a branch that is no change', 'HEAD:feature', 'protected'],
    ['a branch of no change', 'HEAD:maestro/none', 'no change has this branch'],
    ['checkpoints', 'HEAD:refs/maestro/ckpt/run_1/1', 'only branches of open changes'],
    ['the number of a change', 'HEAD:refs/changes/x/head', 'only branches of open changes'],
    ['a tag', 'HEAD:refs/tags/v1', 'only branches of open changes'],
    ['the end of a branch', ':maestro/run_1', 'branches of changes are kept'],
  ])('to %s is refused in words', async (_, refspec, words) => {
    const dir = await cloned(`p-${refspec.replace(/\W+/g, '-')}`);
    commit(dir, { 'x.txt': 'x' });
    const refs = git(place.repoDir(repo.id), 'for-each-ref');

    const said = await failure(dir, 'push', 'origin', refspec);

    expect(said).toMatch(/remote rejected/);
    expect(said).toContain(words);
    expect(git(place.repoDir(repo.id), 'for-each-ref')).toBe(refs);
  });

  it('takes no ref of several when one is refused', async () => {
    const dir = await cloned('p-many');
    await client(dir, 'checkout', '-q', change.branch);
    commit(dir, { y: 'y' });

    const said = await failure(dir, 'push', 'origin', `HEAD:${change.branch}`, 'HEAD:main');

    expect(said).toContain('another ref of this push was refused');
    expect(await place.forge.find(change.id)).toMatchObject({ head: change.head });
  });

  it('is refused for a change that has ended', async () => {
    const mine = await opened('run_ended');
    await place.store.truth.tx((tx) => place.forge.setState(tx, mine.id, 'rejected'));
    const dir = await cloned('p-ended');
    commit(dir, { z: 'z' });

    expect(await failure(dir, 'push', '-f', 'origin', `HEAD:${mine.branch}`)).toContain(`${mine.id} is rejected`);
  });

  it('is refused for objects that git itself finds broken', async () => {
    const dir = await cloned('p-evil');
    const tree = oid(dir, 'HEAD^{tree}');
    const evil = await new Promise<string>((resolve, reject) => {
      const child = execFile('git', ['mktree'], { cwd: dir }, (cause, stdout) =>
        cause ? reject(cause) : resolve(stdout),
      );
      child.stdin?.end(`040000 tree ${tree}\t.git\n`);
    });
    const head = git(dir, 'commit-tree', evil.trim(), '-p', change.head, '-m', 'evil');

    expect(await failure(dir, 'push', '-f', 'origin', `${head}:${change.branch}`)).toContain('hasDotgit');
    expect(await place.forge.find(change.id)).toMatchObject({ head: change.head });
  });
});

describe('access', () => {
  it('is by token, as password, as user name or as bearer', async () => {
    for (const user of ['x:red-token@', 'red-token@']) {
      expect(await client(folder.dir, 'ls-remote', url(repo.id, user), 'main')).toContain(repo.head);
    }
    const bearer = ['-c', 'http.extraHeader=Authorization: Bearer red-token'];
    expect(await client(folder.dir, ...bearer, 'ls-remote', url(repo.id, ''), 'main')).toContain(repo.head);
  });

  it('ends at the own tenant', async () => {
    expect(await failure(folder.dir, 'clone', '-q', url(foreign.id), 'x1')).toContain('403');
    expect(await failure(folder.dir, 'clone', '-q', url(repo.id, 'x:blue-token@'), 'x2')).toContain('403');
    expect(await failure(folder.dir, 'clone', '-q', url(repo.id, 'x:nobody@'), 'x3')).toMatch(
      /Authentication failed|could not read/,
    );
    expect(await failure(folder.dir, 'clone', '-q', url('red/none'), 'x4')).toMatch(/not found/);
  });

  it.each([
    ['GET', '/git/red/../blue/other.git/info/refs?service=git-upload-pack', 404],
    ['GET', '/git/red/%2e%2e/blue/other.git/info/refs?service=git-upload-pack', 404],
    ['GET', '/git/red/..%2fblue%2fother.git/info/refs?service=git-upload-pack', 404],
    ['GET', '/git//red/shop.git/info/refs?service=git-upload-pack', 404],
    ['GET', '/git/red/shop.git/HEAD', 404],
    ['GET', '/git/red/shop.git/config', 404],
    ['GET', '/git/red/shop.git/objects/info/packs', 404],
    ['GET', '/git/red/shop.git/info/refs', 404],
    ['GET', '/git/red/shop.git/info/refs?service=git-upload-archive', 404],
    ['POST', '/git/red/shop.git/git-upload-archive', 404],
    ['GET', '/git/red/shop.git/git-upload-pack', 404],
    ['DELETE', '/git/red/shop.git/git-upload-pack', 404],
    ['GET', '/other/red/shop.git/info/refs?service=git-upload-pack', 404],
    ['GET', '/git/red/shop.git/info/refs?service=git-upload-pack', 200],
  ])('%s %s is answered with %i', async (method, path, status) => {
    // By hand, since fetch cleans paths up before it sends them.
    const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer red-token\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(base.split(':')[1]), '127.0.0.1', () => socket.write(head));
      let received = '';
      socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });

    expect(text.split('\r\n')[0]).toContain(` ${status} `);
  });

  it('needs a push that is one', async () => {
    const post = (body: Uint8Array, headers: { readonly [name: string]: string } = {}) =>
      fetch(`http://${base}/git/red/shop.git/git-receive-pack`, {
        method: 'POST',
        body: Buffer.from(body),
        headers: {
          authorization: 'Bearer red-token',
          'content-type': 'application/x-git-receive-pack-request',
          ...headers,
        },
      });
    const zeros = '0'.repeat(40);
    const line = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text;

    expect((await post(Buffer.from('hello world'))).status).toBe(400);
    expect((await post(Buffer.from('00'))).status).toBe(400);
    expect((await post(Buffer.from(`${line('push-cert\0x\n')}0000`))).status).toBe(400);
    expect((await post(Buffer.alloc(2_000_000, line('shallow ' + 'a'.repeat(40))))).status).toBe(400);
    expect((await post(gzipSync('hello'), { 'content-encoding': 'br' })).status).toBe(415);
    const zipped = await post(gzipSync(`${line(`${zeros} ${repo.head} refs/heads/main\0report-status\n`)}0000`), {
      'content-encoding': 'gzip',
    });
    expect(await zipped.text()).toContain('ng refs/heads/main protected');
  });
});

describe('large packs', () => {
  it('pushes and clones packs that are larger than its buffer', async () => {
    const mine = await opened('run_big');
    const dir = await cloned('c4');
    await client(dir, 'checkout', '-q', mine.branch);
    const noise = randomBytes(12 * 1024 * 1024);
    writeFileSync(join(dir, 'big.bin'), noise);
    const head = commit(dir, {});

    await client(dir, '-c', 'http.postBuffer=65536', 'push', '-q', 'origin', mine.branch);
    await client(folder.dir, 'clone', '-q', '-b', mine.branch, url(repo.id), 'c5');

    expect(oid(join(folder.dir, 'c5'), 'HEAD')).toBe(head);
    expect(readFileSync(join(folder.dir, 'c5/big.bin')).equals(noise)).toBe(true);
  }, 60_000);
});
