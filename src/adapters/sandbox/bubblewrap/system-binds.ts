import { lstat, readlink } from 'node:fs/promises';

// Where programs and libraries stand. On merged-usr systems the first six are links into /usr.
const TOP = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

// What libraries need to start, to resolve names and to trust certificates; no passwords, keys or host settings.
const ETC = [
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/nsswitch.conf',
  '/etc/pki/tls/certs',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
];

// Made beforehand, since bubblewrap closes the folders that it makes on the way to a mount to all but their owner.
const OPEN = ['/etc', '/etc/pki', '/etc/pki/tls', '/etc/ssl'];

/** Arguments of bubblewrap that show the machine's programs and libraries, read-only. */
export async function systemBinds(): Promise<readonly string[]> {
  const args = ['--ro-bind', '/usr', '/usr'];
  for (const path of TOP) {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isSymbolicLink()) args.push('--symlink', await readlink(path), path);
    else if (found !== undefined) args.push('--ro-bind', path, path);
  }
  const open = OPEN.flatMap((path) => ['--perms', '0755', '--dir', path]);
  return [...args, ...open, ...ETC.flatMap((path) => ['--ro-bind-try', path, path])];
}
