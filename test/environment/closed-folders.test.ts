import { expect, it } from 'vitest';
import { asPlainUser, noPlainUser } from '../engines/plain-user.ts';

const PROGRAM = `
  const { chmod, mkdir, readdir, writeFile } = await import('node:fs/promises');
  const { readEntry, writeEntry } = await import('#adapters/environment/cache.ts');
  const here = process.env.TMPDIR;
  const closed = async (path) => {
    await mkdir(path, { recursive: true });
    await writeFile(path + '/a.go', 'a');
    await chmod(path, 0o555);
  };
  await closed(here + '/entry.making/folder-0');
  await closed(here + '/tree/vendor');
  const declaration = { folders: ['vendor'], scratch: [], env: {}, directory: '.' };
  await writeEntry(here + '/entry', { dir: here + '/tree', needs: { kind: 'declared', declaration }, commands: [] });
  const { environment } = await readEntry(here + '/entry', 'key');
  const [{ host, at }] = environment.mounts;
  console.log(JSON.stringify({ left: (await readdir(here)).toSorted(), at, files: await readdir(host) }));`;

it('keeps what was built as folders that their owner may not write, also after a build that broke off', async (context) => {
  const reason = await noPlainUser();
  if (reason !== undefined) return context.skip(reason);

  expect(await asPlainUser(PROGRAM)).toEqual({
    left: ['entry', 'tree'],
    at: 'vendor',
    files: expect.arrayContaining(['a.go']),
  });
});
