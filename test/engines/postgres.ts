import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TestPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** Postgres refuses to run as root, so root hands over to the user made for it, or to nobody. */
async function unprivileged(): Promise<{ uid: number; gid: number; setpriv: string[] }> {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const dying = ['setpriv', '--pdeathsig', 'INT'];
  if (own.uid !== 0) return { ...own, setpriv: dying };
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name]))).catch(() => undefined);
    const [uid, gid] = ids?.map((id) => Number(id.stdout)) ?? [];
    if (uid === undefined || gid === undefined) continue;
    return { uid, gid, setpriv: [...dying, `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] };
  }
  throw new Error('no user other than root to run Postgres as');
}

/** Starts a server of its own on a Unix socket in a temporary folder; without binaries prints a line and gives undefined. */
export async function startPostgres(options: { fsync?: boolean } = {}): Promise<TestPostgres | undefined> {
  const [binary] = [...globSync('/usr/lib/postgresql/*/bin/postgres'), ...globSync('/usr/local/bin/postgres')];
  if (binary === undefined) {
    console.log('skipped: no Postgres');
    return undefined;
  }
  const { uid, gid, setpriv } = await unprivileged();
  const [command = 'setpriv', ...before] = setpriv;
  const dir = mkdtempSync(join(tmpdir(), 'maestro-pg-'));
  chownSync(dir, uid, gid);
  const data = join(dir, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run(command, [...before, join(dirname(binary), 'initdb'), ...initdb], { cwd: dir });
  const settings = ['-c', `fsync=${options.fsync === true ? 'on' : 'off'}`, '-c', 'max_connections=200'];
  const serve = ['-D', data, '-k', dir, '-c', 'listen_addresses=', ...settings];
  const server = spawn(command, [...before, binary, ...serve], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(server);
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(dir)}`,
    stop: async () => {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGQUIT');
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', (status) => reject(new Error(`Postgres ended with ${status}: ${said}`)));
  });
}
