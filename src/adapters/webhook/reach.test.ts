import { expect, test } from 'vitest';
import { reachOf } from './reach.ts';

test.each([
  ['https://192.0.32.8/x.git', 'public', '192.0.32.8'],
  ['https://127.0.0.1:8080/x.git', 'private', '127.0.0.1'],
  ['https://169.254.169.254/latest/meta-data', 'private', '169.254.169.254'],
  ['https://user:secret@10.1.2.3/x.git', 'private', '10.1.2.3'],
  ['https://2130706433/x.git', 'private', '127.0.0.1'],
  ['https://[::1]/x.git', 'private', '::1'],
  ['https://[::ffff:10.0.0.1]/x.git', 'private', '::ffff:a00:1'],
  ['ssh://git@192.168.0.4:2222/x.git', 'private', '192.168.0.4'],
  ['git@10.0.0.9:team/x.git', 'private', '10.0.0.9'],
  ['git@[fe80::1]:team/x.git', 'private', 'fe80::1'],
  ['https://localhost/x.git', 'private', 'localhost'],
  ['https://git.internal/x.git', 'listed', 'git.internal'],
  ['/srv/x.git', 'path', ''],
  ['file:///srv/x.git', 'path', ''],
  ['../x', 'path', ''],
])('%s is %s', async (origin, kind, host) => {
  expect(await reachOf(origin, ['git.internal'])).toMatchObject({ kind, host });
});
