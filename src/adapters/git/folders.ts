import { spawn } from 'node:child_process';
import { lstat } from 'node:fs/promises';

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Gives a folder and all in it to a user and its group, links themselves and not what they point to. */
export async function chownTree(folder: string, user: number): Promise<void> {
  // The program does in one pass what would be a system call and a promise for each file here; names may be any bytes.
  const child = spawn('chown', ['-hR', `${user}:${user}`, '--', folder], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`chown of ${folder} ended with ${code}`);
}
