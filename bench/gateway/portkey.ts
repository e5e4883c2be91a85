import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '1.15.2';

export interface Portkey extends AsyncDisposable {
  readonly url: string;
  readonly version: string;
}

/** The npm package `@portkey-ai/gateway` in a folder of its own; undefined, with one printed line, where it cannot be installed. */
export async function startPortkey(trusted: string): Promise<Portkey | undefined> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-portkey-'));
  try {
    await promisify(execFile)('npm', [
      'install',
      '--prefix',
      dir,
      '--save',
      '--no-audit',
      '--no-fund',
      `@portkey-ai/gateway@${VERSION}`,
    ]);
  } catch {
    console.error('skipped: @portkey-ai/gateway cannot be installed here');
    rmSync(dir, { recursive: true, force: true });
    return undefined;
  }
  const entry = join(dir, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
  if (!existsSync(entry)) throw new Error(`@portkey-ai/gateway has no ${entry}`);
  const port = await freePort();
  const child = spawn(process.execPath, [entry, `--port=${port}`, '--headless'], {
    cwd: dir,
    env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: trusted },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    version: VERSION,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
