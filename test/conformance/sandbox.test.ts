import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import { detectSandbox } from '#adapters/sandbox/index.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { Sandbox, SandboxCommand, SandboxResult } from '#domain/sandbox.ts';

const options = {
  clock: systemClock,
  random: systemRandom,
  node: process.execPath,
  searchPath: process.env['PATH'] ?? '',
};
const plain = await detectSandbox({ ...options, prefer: 'process' });
const best = await detectSandbox(options);
const walled = best.profile.kind === 'bubblewrap' ? best : undefined;
if (walled === undefined) console.log(`skipped: no bubblewrap (${best.profile.warnings[0] ?? ''})`);

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function folderFor(sandbox: Sandbox, files: { readonly [name: string]: string } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const user = sandbox.userOf(7);
  if (user !== undefined) await chown(folder, user, user);
  return folder;
}

const LIMITS = { wallMs: 30_000, memoryBytes: 2 * 1024 ** 3, processes: 64, outputBytes: 100_000 };

async function runIn(
  sandbox: Sandbox,
  argv: readonly string[],
  change: Partial<SandboxCommand> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<SandboxResult> {
  const workspace = change.workspace ?? (await folderFor(sandbox));
  const command = { ordinal: 7, argv, environment: EMPTY_ENVIRONMENT, readOnly: [], env: {}, limits: LIMITS };
  return sandbox.run({ ...command, ...change, workspace }, signal);
}

const node = (text: string): readonly string[] => ['node', '-e', text];
const sh = (text: string): readonly string[] => ['sh', '-c', text];

/** Pids on the host whose command line holds the text. */
async function running(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')));
  return pids.filter((_, index) => lines[index]?.includes(text));
}

/** A sleep that can be told from every other one by its length. */
function uniqueSleep(): string {
  return `600.${Math.floor(Math.random() * 1e9)}`;
}

describe.each([{ kind: 'process', sandbox: plain }, ...(walled ? [{ kind: 'bubblewrap', sandbox: walled }] : [])])(
  'the $kind sandbox',
  ({ sandbox }) => {
    it('gives exit code, output and arguments exactly', async () => {
      const result = await runIn(
        sandbox,
        node('console.log(process.argv[1]); console.error("e"); process.exit(42)').concat('$HOME `x` "y"'),
      );

      expect(result).toMatchObject({
        exitCode: 42,
        endedBy: 'exit',
        stdout: '$HOME `x` "y"\n',
        stderr: 'e\n',
        truncated: false,
      });
    });

    it('runs programs in the workspace, which they can write', async () => {
      const workspace = await folderFor(sandbox, { 'in.txt': 'hello' });

      const result = await runIn(sandbox, sh('cat in.txt > out.txt'), { workspace });

      expect(result.exitCode).toBe(0);
      expect(await readFile(join(workspace, 'out.txt'), 'utf8')).toBe('hello');
    });

    it('gives programs the pinned Node first', async () => {
      const result = await runIn(sandbox, ['node', '--version']);

      expect(result.stdout.trim()).toBe(process.version);
    });

    it('answers 127 for a program that is not there', async () => {
      expect(await runIn(sandbox, ['no-such-program'])).toMatchObject({ exitCode: 127, endedBy: 'exit' });
    });

    it('tells a program that died by a signal', async () => {
      expect(await runIn(sandbox, node('process.kill(process.pid, "SIGKILL")'))).toMatchObject({
        exitCode: null,
        endedBy: 'signal',
      });
    });

    it('hands over standard input, also when nobody reads it', async () => {
      const big = 'x'.repeat(1_000_000);

      const read = await runIn(sandbox, ['wc', '-c'], { stdin: big });
      const unread = await runIn(sandbox, ['true'], { stdin: big });

      expect(read.stdout.trim()).toBe('1000000');
      expect(unread.exitCode).toBe(0);
    });

    it('cuts each stream at its limit and lets the program go on', async () => {
      const text = 'process.stdout.write("é".repeat(300_000), () => console.error("done"))';

      const result = await runIn(sandbox, node(text), { limits: { ...LIMITS, outputBytes: 1001 } });

      expect(result).toMatchObject({ exitCode: 0, truncated: true, stdout: 'é'.repeat(500), stderr: 'done\n' });
    });

    it('keeps the end of each stream where that is asked for', async () => {
      const text = 'process.stdout.write("é".repeat(300_000) + "end", () => console.error("done"))';

      const result = await runIn(sandbox, node(text), { keeps: 'end', limits: { ...LIMITS, outputBytes: 1000 } });

      expect(result).toMatchObject({ exitCode: 0, truncated: true, stdout: `${'é'.repeat(498)}end`, stderr: 'done\n' });
    });

    it('reads output that is not UTF-8', async () => {
      const result = await runIn(sandbox, node('process.stdout.write(Buffer.from([0x61, 0xff, 0x00, 0x62]))'));

      expect(result.stdout).toBe('a\ufffd\0b');
    });

    it('ends what hangs, and leaves alone what works or prints', async () => {
      const limits = { ...LIMITS, quietMs: 2000 };

      const hung = await runIn(sandbox, node('console.log("on"); setTimeout(() => {}, 25_000)'), { limits });
      const works = await runIn(sandbox, node('const end = Date.now() + 4000; while (Date.now() < end);'), { limits });
      const prints = await runIn(sandbox, sh('for i in 1 2 3 4; do sleep 1; echo on; done'), { limits });

      expect(hung).toMatchObject({ endedBy: 'timeout', stdout: 'on\n' });
      expect(hung.wallMs).toBeLessThan(15_000);
      expect([works.endedBy, prints.endedBy]).toEqual(['exit', 'exit']);
    });

    it('ends what takes too long, and knows its processor time', async () => {
      const result = await runIn(sandbox, node('console.log("on"); for (;;);'), {
        limits: { ...LIMITS, wallMs: 1500 },
      });

      expect(result).toMatchObject({ exitCode: null, endedBy: 'timeout', stdout: 'on\n' });
      expect(result.wallMs).toBeLessThan(10_000);
      expect(result.cpuMs).toBeGreaterThan(100);
    });

    it('measures the processor time of the whole tree', async () => {
      const busy = 'while (process.cpuUsage().user < 300_000);';

      const result = await runIn(sandbox, sh(`node -e '${busy}'; node -e '${busy}'`));

      expect(result.cpuMs).toBeGreaterThan(500);
    });

    it('ends when the signal is aborted, and does not begin when it was', async () => {
      const length = uniqueSleep();
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 300);

      const result = await runIn(sandbox, ['sleep', length], {}, stop.signal);
      const never = await runIn(sandbox, ['sleep', length], {}, stop.signal);

      expect(result).toMatchObject({ exitCode: null, endedBy: 'abort' });
      expect(never).toMatchObject({ exitCode: null, endedBy: 'abort', wallMs: 0 });
      expect(await running(length)).toEqual([]);
    });

    it('ends a daemon that forked twice and began its own session, once the program ended', async () => {
      const length = uniqueSleep();
      const daemon = `setsid sh -c 'sleep ${length} </dev/null >/dev/null 2>&1 &' & sleep 0.3; echo started`;

      const result = await runIn(sandbox, sh(daemon));

      expect(result).toMatchObject({ exitCode: 0, stdout: 'started\n' });
      expect(await running(length)).toEqual([]);
    });

    it('ends a daemon that holds the output open', async () => {
      const length = uniqueSleep();

      const result = await runIn(sandbox, sh(`setsid sleep ${length} & sleep 0.2; echo started`));

      expect(result).toMatchObject({ exitCode: 0, stdout: 'started\n' });
      expect(result.wallMs).toBeLessThan(10_000); // the daemon sleeps ten minutes
      expect(await running(length)).toEqual([]);
    });

    it('ends a tree that keeps forking when its time is over', async () => {
      const length = uniqueSleep();
      const forking = `while :; do setsid sleep ${length} & sleep 0.01; done`;

      const result = await runIn(sandbox, sh(forking), { limits: { ...LIMITS, wallMs: 500 } });

      expect(result.endedBy).toBe('timeout');
      expect(await running(length)).toEqual([]);
    });

    it('bounds the memory of a program', async () => {
      const result = await runIn(sandbox, node('Buffer.alloc(3 * 1024 ** 3); console.log("got it")'));

      expect(result.stdout).not.toContain('got it');
      expect(result.exitCode).not.toBe(0);
    });

    it('bounds the memory of all its processes together, or does not claim to', async () => {
      const limits = { ...LIMITS, memoryBytes: 2 * 1024 ** 3 };
      const hold = "const b = Buffer.alloc(900 * 1024 ** 2, 1); setTimeout(() => console.log('held', b.length), 4000)";
      const three = `node -e "${hold}" & node -e "${hold}" & node -e "${hold}" & wait`;

      const result = await runIn(sandbox, sh(three), { limits });

      const together = sandbox.profile.limits.includes('memory of all processes together');
      const held = result.stdout.split('held').length - 1;
      expect(together ? held < 3 : held === 3).toBe(true);
    });

    it('shows the mounts of an environment and keeps what programs write there out of the cache', async () => {
      const cache = await folderFor(sandbox, { 'lib.js': 'kept' });
      await mkdir(join(cache, '.cache'));
      const mounts = [{ host: cache, at: 'node_modules', scratch: ['.cache'] }];
      const environment = { ...EMPTY_ENVIRONMENT, mounts, env: { FROM_ENVIRONMENT: 'yes' } };
      const workspace = await folderFor(sandbox);
      const text =
        'cat node_modules/lib.js; echo $FROM_ENVIRONMENT; echo x > node_modules/.cache/y; echo x > node_modules/lib.js';

      const result = await runIn(sandbox, sh(text), { environment, workspace });

      expect(result.stdout).toBe('keptyes\n');
      expect(await readFile(join(cache, 'lib.js'), 'utf8')).toBe('kept');
      expect(await readdir(join(cache, '.cache'))).toEqual([]);
      expect(await readdir(join(workspace, 'node_modules')).catch(() => [])).toEqual([]);
    });
  },
);

describe('a machine without bubblewrap', () => {
  const without = { ...options, searchPath: '/nowhere' };

  it('gets plain processes that say so', async () => {
    const { profile } = await detectSandbox(without);

    expect(profile).toMatchObject({ kind: 'process', network: 'open', filesystem: 'open' });
    expect(profile.warnings.join(' ')).toContain('bubblewrap is not installed');
  });
});

describe.runIf(walled !== undefined)('the walls of bubblewrap', () => {
  // Never used where the tests are skipped.
  const sandbox = walled ?? plain;

  it('have no way to a port of the host, and a loopback of their own', async () => {
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const connect = `require('net').connect(${port}, '127.0.0.1').on('data', (d) => console.log(String(d))).on('error', (e) => console.log(e.code))`;
    const own = `const s = require('net').createServer((c) => c.end('own')).listen(0, 'localhost', () =>
      require('net').connect(s.address().port, 'localhost').on('data', (d) => { console.log(String(d)); process.exit() }))`;

    const outside = await runIn(sandbox, node(connect));
    const inside = await runIn(sandbox, node(own));
    const without = await runIn(plain, node(connect));
    server.close();

    expect(outside.stdout).toBe('ECONNREFUSED\n');
    expect(inside.stdout).toBe('own\n');
    expect(without.stdout).toBe('hello\n');
  });

  it('hide passwords, homes and other workspaces', async () => {
    const other = await folderFor(sandbox, { 'secret.txt': 'secret' });
    const home = await mkdtemp(join(homedir(), '.sandbox-test-'));
    folders.push(home);
    await writeFile(join(home, 'secret.txt'), 'secret');

    for (const path of ['/etc/shadow', join(other, 'secret.txt'), join(home, 'secret.txt')]) {
      const result = await runIn(sandbox, ['cat', path]);
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    }
  });

  it('show a given path read-only at its own place, wherever it lies', async () => {
    const home = await mkdtemp(join(homedir(), '.sandbox-test-'));
    folders.push(home);
    await chmod(home, 0o755);
    await writeFile(join(home, 'given.txt'), 'given');

    const result = await runIn(sandbox, sh(`cat ${home}/given.txt; echo x > ${home}/given.txt`), { readOnly: [home] });

    expect(result.stdout).toBe('given');
    expect(result.exitCode).not.toBe(0);
    expect(await readFile(join(home, 'given.txt'), 'utf8')).toBe('given');
  });

  it('keep every place but the workspace and temporary files from being written', async () => {
    const paths = ['/x', '/usr/x', '/etc/x', '/opt/maestro/bin/x', '/dev/x', '/etc/passwd', '/opt/maestro/bin/node'];

    const result = await runIn(
      sandbox,
      sh(`for p in ${paths.join(' ')} /tmp/x /workspace/x; do (echo x > $p) 2>/dev/null && echo $p; done`),
    );

    expect(result.stdout).toBe('/tmp/x\n/workspace/x\n');
  });

  it('give no way to mount, remount or become root', async () => {
    const attempts = [
      'mount -o remount,rw /usr',
      'mount -t tmpfs x /usr',
      'umount /usr',
      'setpriv --reuid 0 true',
      'chroot / true',
    ];

    const result = await runIn(sandbox, sh(attempts.map((each) => `${each} 2>/dev/null && echo "${each}"`).join('\n')));

    expect(result.stdout).toBe('');
  });

  it('bound the number of processes', async () => {
    const forks = 'i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done; echo all';

    const result = await runIn(sandbox, sh(forks), { limits: { ...LIMITS, processes: 40 } });

    expect(result.stdout).toBe('');
    expect(result.stderr).toContain('fork');
  });

  it('let programs build the same walls again inside', async () => {
    const inner = 'bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev sh -c "echo nested"';

    expect(await runIn(sandbox, sh(inner))).toMatchObject({ stdout: 'nested\n', exitCode: 0 });
  });

  it('run each tenant as a user of its own where Maestro is root', async () => {
    if (process.getuid?.() !== 0) return;

    const result = await runIn(sandbox, ['id', '-un']);
    const number = await runIn(sandbox, ['id', '-u']);

    expect(result.stdout).toBe('sandbox\n');
    expect(number.stdout).toBe('20007\n');
  });

  it('refuse a mount that a link in the workspace would lead elsewhere', async () => {
    const workspace = await folderFor(sandbox);
    await symlink('/etc', join(workspace, 'node_modules'));
    const environment = { ...EMPTY_ENVIRONMENT, mounts: [{ host: workspace, at: 'node_modules', scratch: [] }] };

    const run = runIn(sandbox, ['true'], { workspace, environment });

    await expect(run).rejects.toMatchObject({ code: 'SANDBOX_MOUNT_BLOCKED' });
  });

  it('say so when they could not be built', async () => {
    const run = runIn(sandbox, ['true'], { readOnly: [`/no/such/${randomUUID()}`] });

    await expect(run).rejects.toMatchObject({ code: 'SANDBOX_NOT_STARTED' });
  });
});
