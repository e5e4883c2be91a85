import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';

/** A Unix socket that leads to one address and nowhere else. Put into an agent's walls, it is their only way out. */
export async function openDoor(address: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const { protocol, hostname, port } = new URL(address);
  const secure = protocol === 'https:';
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (secure ? 443 : 80)) };
  const open = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = secure ? connectTls({ ...to, servername: to.host }) : connect(to);
    for (const [socket, other] of [[inner, outer] as const, [outer, inner] as const]) {
      open.add(socket);
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      // Either side may go away at any time; the other then ends too.
      socket.on('error', () => socket.destroy());
    }
    inner.pipe(outer).pipe(inner);
  });
  const folder = await makeTempFolder('maestro-door-');
  const path = join(folder, 'gateway');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  // Programs of every tenant's user may connect; they see the socket only where it is put into their walls, and need a key.
  await chmod(path, 0o666);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
