import { execFileSync } from 'node:child_process';
import { globSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reactor } from '../wat.ts';
import { type Attack, HELD, type Lab, READ_IMPORTS, SECRET } from './lab.ts';
import { staysBusy } from './naive.ts';

const READ = reactor(HELD.replace('CALL', '$read'), READ_IMPORTS);
const LIST = reactor(HELD.replace('CALL', '$list'), READ_IMPORTS);
/** An overlong spelling of two dots, which is not UTF-8. */
const OVERLONG = Uint8Array.of(0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x73);

const PATHS = [
  '../outside/secret.txt',
  '/etc/passwd',
  '%2e%2e/outside/secret.txt',
  'a.txt\0',
  '..\\outside',
  `${'a/'.repeat(3000)}x`,
  OVERLONG,
  './a.txt',
  'x//a.txt',
  '',
];

/** Links and special files, each with the code that it is refused with. */
const LINKS: readonly (readonly [string, string, (lab: Lab, at: string) => void])[] = [
  ['final link', 'FS_SYMLINK', (lab, at) => symlinkSync(lab.secret, at)],
  ['link to a link', 'FS_SYMLINK', (lab, at) => chain(lab, at)],
  ['link to itself', 'FS_SYMLINK', (_, at) => symlinkSync(at, at)],
  ['hard link', 'FS_TYPE', (lab, at) => linkSync(lab.secret, at)],
  ['named pipe', 'FS_TYPE', (_, at) => execFileSync('mkfifo', [at])],
  ['folder', 'FS_TYPE', (_, at) => mkdirSync(at)],
];
const FOLDER_LINKS: readonly (readonly [string, string])[] = [
  ['link in the middle', '../outside'],
  ['link to the root of a process', '/proc/self/root'],
];

/** Those that a reader gets bytes of another file from; a pipe or a folder gives none. */
const REGULAR = new Set(['final link', 'link to a link', 'hard link']);
/** Expands braces one after the other, as a glob library without a bound does. */
const EXPAND = `const expand = (text) => {
  const found = /\\{([^{}]*)\\}/.exec(text);
  if (found === null) return 1;
  return found[1].split(',').reduce((sum, each) => sum + expand(text.replace(found[0], each)), 0);
};`;

export const FILE_ATTACKS: readonly Attack[] = [
  ...PATHS.map((path, index) => ({
    row: 1,
    name: `path ${index}: ${JSON.stringify(String(path).slice(0, 24))}`,
    ...(index === 0
      ? { naive: (lab: Lab) => readFileSync(join(lab.root, '../outside/secret.txt'), 'utf8') === SECRET }
      : {}),
    attack: async (lab: Lab) => {
      const outcome = await lab.run(READ, { input: path });
      return outcome.report?.bytesRead === 0 ? outcome : { code: 'READ' };
    },
    expect: 'FS_SCOPE',
  })),
  ...LINKS.map(([name, code, make]) => ({
    row: 2,
    name,
    ...(REGULAR.has(name) ? { naive: (lab: Lab) => naiveRead(lab, make) } : {}),
    attack: async (lab: Lab) => {
      const at = join(lab.root, 'trap');
      make(lab, at);
      const outcome = await lab.run(READ, { input: 'trap' });
      rmSync(at, { recursive: true });
      rmSync(join(lab.folder, 'outside', 'again'), { force: true });
      return outcome.report?.bytesRead === 0 ? outcome : { code: 'READ' };
    },
    expect: code,
  })),
  ...FOLDER_LINKS.map(([name, to]) => ({
    row: 2,
    name,
    naive: (lab: Lab) => naiveFolder(lab, to),
    attack: async (lab: Lab) => {
      symlinkSync(to, join(lab.root, 'up'));
      const outcome = await lab.run(READ, { input: to.startsWith('/') ? `up${lab.secret}` : 'up/secret.txt' });
      rmSync(join(lab.root, 'up'));
      return outcome.report?.bytesRead === 0 ? outcome : { code: 'READ' };
    },
    expect: 'FS_SYMLINK',
  })),
  {
    row: 4,
    name: 'a list above the workspace',
    naive: (lab) => globSync('../**', { cwd: lab.root }).some((path) => path.endsWith('secret.txt')),
    attack: (lab) => lab.run(LIST, { input: '../**' }),
    expect: 'FS_SCOPE',
  },
  {
    row: 4,
    name: 'brace bomb',
    naive: () => staysBusy(`${EXPAND} expand('{a,b}'.repeat(40))`),
    attack: (lab) => lab.run(LIST, { input: '{a,b}'.repeat(40) }),
    expect: 'FS_SCOPE',
  },
  {
    row: 4,
    name: 'files outside the grant are not listed',
    naive: (lab) => globSync('**', { cwd: lab.root }).includes('a.txt'),
    attack: async (lab) => {
      const { report } = await lab.run(LIST, { input: '**', permissions: { fs_read: ['src/**'] } });
      return { code: report?.ok === true && report.output.length === 0 ? 'NOTHING' : 'LISTED' };
    },
    expect: 'NOTHING',
  },
  {
    row: 4,
    name: 'a folder of 200 000 entries',
    attack: async (lab) => {
      const many = join('/dev/shm', `many-${process.pid}`);
      for (let folder = 0; folder < 201; folder++) {
        mkdirSync(join(many, `${folder}`), { recursive: true });
        for (let file = 0; file < 1000; file++) mkdirSync(join(many, `${folder}`, `${file}`));
      }
      const outcome = await lab.run(LIST, { input: '**', root: many, limits: { wall_ms: 30_000 } });
      rmSync(many, { recursive: true });
      return outcome;
    },
    expect: 'FS_ENTRIES_QUOTA',
  },
  {
    row: 4,
    name: 'a file where there is no workspace',
    attack: (lab) => lab.run(READ, { input: 'a.txt', root: null }),
    expect: 'FS_ABSENT',
  },
  {
    row: 7,
    name: 'the same file for ever',
    attack: async (lab) => {
      writeFileSync(join(lab.root, 'big'), Buffer.alloc(1 << 20));
      const source = reactor(
        '(loop $l (drop (call $read (local.get $at) (local.get $n))) (br $l)) (i64.const 0)',
        READ_IMPORTS,
      );
      const outcome = await lab.run(source, { input: 'big', limits: { fuel: 1e15 } });
      rmSync(join(lab.root, 'big'));
      return outcome;
    },
    expect: 'FS_BYTES_QUOTA',
  },
];

function chain(lab: Lab, at: string): void {
  symlinkSync(lab.secret, join(lab.folder, 'outside', 'again'));
  symlinkSync('../outside/again', at);
}

/** Checks that the joined path begins with the root, as people do, and then reads what it leads to. */
function readBelow(lab: Lab, name: string): string {
  const path = resolve(lab.root, name);
  return path.startsWith(lab.root) ? readFileSync(path, 'utf8') : '';
}

function naiveRead(lab: Lab, make: (lab: Lab, at: string) => void): boolean {
  const at = join(lab.root, 'trap');
  make(lab, at);
  const got = readBelow(lab, 'trap');
  rmSync(at);
  rmSync(join(lab.folder, 'outside', 'again'), { force: true });
  return got === SECRET;
}

function naiveFolder(lab: Lab, to: string): boolean {
  symlinkSync(to, join(lab.root, 'up'));
  const got = readBelow(lab, to.startsWith('/') ? `up${lab.secret}` : 'up/secret.txt');
  rmSync(join(lab.root, 'up'));
  return got === SECRET;
}
