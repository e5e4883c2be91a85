import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { constants } from 'node:os';

/** Where programs inside walls find the way out; the walls have a loopback of their own, so the port is free. */
export const FORWARD_PORT = 3128;

/**
 * Runs inside the walls, which have no network: listens on loopback, carries every connection to the proxy's socket
 * outside, and runs the program in between. Resolves to its exit code.
 */
export async function runForwarded(socket: string, argv: readonly string[]): Promise<number> {
  const server = createServer((client) => {
    const proxy = connect(socket);
    client.pipe(proxy).pipe(client);
    client.on('error', () => proxy.destroy());
    proxy.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(FORWARD_PORT, '127.0.0.1', () => resolve());
  });
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('error', (fault) => {
      process.stderr.write(`${program}: ${fault.message}\n`);
      resolve(127);
    });
    // As shells say it, so that whoever started the walls knows a signal from a failure.
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** Variables by which package managers and Node find the proxy. */
export function proxyVariables(): { readonly [name: string]: string } {
  const address = `http://127.0.0.1:${FORWARD_PORT}`;
  const names = [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'http_proxy',
    'https_proxy',
    'npm_config_proxy',
    'npm_config_https_proxy',
  ];
  const yarn = ['YARN_HTTP_PROXY', 'YARN_HTTPS_PROXY'];
  return { ...Object.fromEntries([...names, ...yarn].map((name) => [name, address])), NODE_USE_ENV_PROXY: '1' };
}
