import { describe, expect, it } from 'vitest';
import type { ChangedFile, FileMode, FileVersion } from '#domain/diff.ts';
import type { GitOid } from '#domain/ids.ts';
import { seededRandom } from '#kernel/random.ts';
import type { Finding } from './finding.ts';
import { guardDependencies } from './dependencies.ts';
import { guardLinks, staysInside } from './links.ts';
import { guardPaths } from './paths.ts';
import { guardSecrets } from './secrets.ts';
import { guardSize } from './size.ts';
import { guardTestCommand } from './test-command.ts';
import { guardTests } from './tests.ts';

// Here a blob's name is its own text.
const textOf = (file: FileVersion): string => file.oid;

function version(path: string, text = '', mode: FileMode = '100644'): FileVersion {
  return { path, mode, oid: text as GitOid };
}

function changed(before: FileVersion | null, after: FileVersion | null, facts: Partial<ChangedFile> = {}): ChangedFile {
  return { before, after, addedLines: 1, deletedLines: 1, bytes: 10, ...facts };
}

const said = (findings: readonly Finding[]): readonly string[] =>
  findings.map((finding) => `${finding.ending} ${finding.reason.code} ${finding.reason.field}`);

describe('paths', () => {
  const rules = { denied: ['secrets'], protected: ['/docs/law.md'] };

  it.each([
    ['src/a.ts', []],
    ['secrets/key', ['refused DENIED_PATH change.files["secrets/key"]']],
    ['docs/law.md', ['needs_human PROTECTED_PATH change.files["docs/law.md"]']],
    ['.github/workflows/ci.yml', ['needs_human PROTECTED_PATH change.files[".github/workflows/ci.yml"]']],
    ['web/package-lock.json', ['needs_human PROTECTED_PATH change.files["web/package-lock.json"]']],
    ['docs/CODEOWNERS', ['needs_human PROTECTED_PATH change.files["docs/CODEOWNERS"]']],
    ['.maestro.yml', ['needs_human PROTECTED_PATH change.files[".maestro.yml"]']],
    ['.maestro/policy/a.yml', ['needs_human PROTECTED_PATH change.files[".maestro/policy/a.yml"]']],
  ])('%s: %j', (path, expected) => {
    expect(said(guardPaths([changed(version(path), version(path))], rules))).toEqual(expected);
  });

  it('looks at both names of a rename', () => {
    const away = changed(version('secrets/key'), version('src/key'));

    expect(said(guardPaths([away], rules))).toEqual(['refused DENIED_PATH change.files["secrets/key"]']);
  });

  it('refuses what is outside the scope of the task', () => {
    const files = [changed(null, version('src/a.ts')), changed(null, version('lib/b.ts'))];

    expect(said(guardPaths(files, { ...rules, scope: ['src'] }))).toEqual([
      'refused OUT_OF_SCOPE change.files["lib/b.ts"]',
    ]);
  });
});

describe('links', () => {
  it.each([
    ['a', 'b', true],
    ['d/a', '../b', true],
    ['d/a', '..', true],
    ['a', '.', true],
    ['a', '../b', false],
    ['d/a', '../../b', false],
    ['a', '/etc/passwd', false],
    ['a', 'd/../../b', false],
    ['a', 'd/../b', false],
    ['a', '.git/config', false],
    ['a', '.GIT', false],
    ['a', '', false],
  ])('%s to %j stays inside: %s', (path, target, expected) => {
    expect(staysInside(path, target)).toBe(expected);
  });

  it('never lets links that each pass lead outside together (2 000 random trees)', () => {
    const random = seededRandom(3);
    const name = (): string => ['a', 'b', 'c'][random.integer(3)] ?? '';
    for (let i = 0; i < 2000; i++) {
      const links = new Map<string, string>();
      for (let n = 0; n < 4; n++) {
        const path = Array.from({ length: 1 + random.integer(3) }, name).join('/');
        const target = Array.from({ length: 1 + random.integer(4) }, () => (random.integer(2) ? '..' : name())).join(
          '/',
        );
        const taken = [...links.keys()].some(
          (other) => `${path}/`.startsWith(`${other}/`) || other.startsWith(`${path}/`),
        );
        if (!taken && staysInside(path, target)) links.set(path, target);
      }
      for (const path of links.keys())
        expect({ links, outside: leavesTree(path, links) }).toEqual({ links, outside: false });
    }
  });

  it('refuses submodules and links that are new or lead elsewhere now, and leaves old ones alone', () => {
    const old = version('link', '/etc', '120000');
    const files = [
      changed(null, version('sub', 'c', '160000')),
      changed(null, version('l', '/etc', '120000')),
      changed(old, old),
      changed(null, version('fine', 'src/a', '120000')),
    ];

    expect(said(guardLinks(files, textOf))).toEqual([
      'refused SUBMODULE_ADDED change.files["sub"]',
      'refused SYMLINK_OUTSIDE change.files["l"]',
    ]);
  });
});

/** Follows a path as the system does, link by link; names that are no links are folders. */
function leavesTree(path: string, links: ReadonlyMap<string, string>): boolean {
  let at: string[] = [];
  const todo = path.split('/');
  for (let hops = 0; todo.length > 0 && hops < 100; hops++) {
    const part = todo.shift() ?? '';
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    at = [...at, part];
    const target = links.get(at.join('/'));
    if (target === undefined) continue;
    at = at.slice(0, -1);
    todo.unshift(...target.split('/'));
  }
  return false;
}

describe('size', () => {
  const limits = { fileBytes: 100, files: 2, lines: 10 };

  it('refuses an empty change', () => {
    expect(said(guardSize([], limits))).toEqual(['refused EMPTY_CHANGE change']);
  });

  it('asks a person for large files and large changes', () => {
    const files = [
      changed(null, version('big.bin'), { bytes: 101, addedLines: null, deletedLines: null }),
      changed(null, version('a'), { addedLines: 6 }),
      changed(null, version('b'), { addedLines: 6 }),
    ];

    expect(said(guardSize(files, limits))).toEqual([
      'needs_human FILE_TOO_LARGE change.files["big.bin"]',
      'needs_human CHANGE_TOO_LARGE change',
      'needs_human CHANGE_TOO_LARGE change',
    ]);
  });
});

describe('tests', () => {
  const test = (text: string, path = 'src/a.test.ts'): FileVersion => version(path, text);
  const strong = "it('a', () => { expect(1).toBe(1); });";

  it('finds nothing in a rename of names and of the file', () => {
    const renamed = test("it('a', () => { expect(two).toBe(two); });", 'src/b.test.ts');

    expect(guardTests([changed(test(strong), renamed)], textOf)).toEqual([]);
  });

  it.each([
    ['a deleted file', changed(test(strong), null), 'TEST_FILE_DELETED'],
    ['a file that is no test any more', changed(test(strong), version('src/a.ts', strong)), 'TEST_FILE_DELETED'],
    ['a deleted snapshot', changed(version('__snapshots__/a.snap', 'x'), null), 'TEST_FILE_DELETED'],
    ['a removed test', changed(test(`${strong}it('b')`), test(strong)), 'TESTS_REMOVED'],
    ['a skipped test', changed(test(strong), test(strong.replace('it(', 'it.skip('))), 'TESTS_SKIPPED'],
    ['a focused test', changed(test(strong), test(strong.replace('it(', 'it.only('))), 'TESTS_FOCUSED'],
    ['a focus in a new file', changed(null, test(strong.replace('it(', 'it.only('))), 'TESTS_FOCUSED'],
    ['a removed assertion', changed(test(strong), test("it('a', () => {});")), 'ASSERTIONS_REMOVED'],
    ['a commented assertion', changed(test(strong), test("it('a', () => { /* expect(1) */ });")), 'ASSERTIONS_REMOVED'],
  ])('asks a person for %s', (_, file, code) => {
    const findings = guardTests([file], textOf);

    expect(findings.map((finding) => finding.reason.code)).toEqual([code]);
    expect(findings[0]?.ending).toBe('needs_human');
  });
});

describe('the test command', () => {
  const scripts = (text: object): FileVersion => version('package.json', JSON.stringify(text));
  const none = { setting: [], packageJson: null };

  it.each([
    ['the test script', { test: 'a' }, { test: 'b' }, ['TEST_COMMAND_CHANGED']],
    ['its pre script', { test: 'a' }, { test: 'a', pretest: 'b' }, ['TEST_COMMAND_CHANGED']],
    [
      'a script that it runs',
      { test: 'npm run unit', unit: 'a' },
      { test: 'npm run unit', unit: 'b' },
      ['TEST_COMMAND_CHANGED'],
    ],
    ['another script', { test: 'a', build: 'a' }, { test: 'a', build: 'b' }, []],
  ])('looks at %s', (_, before, after, codes) => {
    const file = changed(scripts({ scripts: before }), scripts({ scripts: after }));

    expect(guardTestCommand([file], textOf, none).map((finding) => finding.reason.code)).toEqual(codes);
  });

  it('looks at the script that the setting names', () => {
    const file = changed(
      scripts({ scripts: { test: 'a', verify: 'vitest run' } }),
      scripts({ scripts: { test: 'a', verify: 'true' } }),
    );
    const packageJson = JSON.stringify({ scripts: { test: 'a', verify: 'vitest run' } });

    expect(said(guardTestCommand([file], textOf, none))).toEqual([]);
    expect(said(guardTestCommand([file], textOf, { setting: ['npm', 'run', 'verify'], packageJson }))).toEqual([
      'needs_human TEST_COMMAND_CHANGED change.files["package.json"]',
    ]);
  });

  it('looks at the scripts of packages that the root runs in each', () => {
    const unit = (script: string) => version('packages/a/package.json', JSON.stringify({ scripts: { unit: script } }));
    const packageJson = JSON.stringify({ scripts: { test: 'pnpm -r run unit' } });

    expect(
      said(guardTestCommand([changed(unit('vitest run'), unit('true'))], textOf, { setting: [], packageJson })),
    ).toEqual(['needs_human TEST_COMMAND_CHANGED change.files["packages/a/package.json"]']);
  });

  it.each([[['./run.sh']], [['bash', '-c', './run.sh --all']]])(
    'looks at files that the setting %j names',
    (setting) => {
      const file = changed(version('run.sh', 'node --test'), version('run.sh', 'true'));

      expect(said(guardTestCommand([file], textOf, { setting, packageJson: null }))).toEqual([
        'needs_human TEST_COMMAND_CHANGED change.files["run.sh"]',
      ]);
    },
  );

  it('looks at the settings of test programs, in package.json and in files', () => {
    const inPackage = changed(scripts({ jest: { bail: 1 } }), scripts({ jest: {} }));
    const inFile = changed(null, version('web/vitest.config.ts'));

    expect(said(guardTestCommand([inPackage, inFile], textOf, none))).toEqual([
      'needs_human TEST_CONFIG_CHANGED change.files["package.json"]',
      'needs_human TEST_CONFIG_CHANGED change.files["web/vitest.config.ts"]',
    ]);
  });

  it('looks at files that the command names, by setting or by script', () => {
    const packageJson = JSON.stringify({ scripts: { test: 'node ./check.js && node --test a.test.js' } });
    const files = ['check.js', 'a.test.js', 'run.sh'].map((path) => changed(version(path), version(path)));

    expect(said(guardTestCommand(files, textOf, { setting: ['sh', 'run.sh'], packageJson }))).toEqual([
      'needs_human TEST_COMMAND_CHANGED change.files["check.js"]',
      'needs_human TEST_COMMAND_CHANGED change.files["run.sh"]',
    ]);
  });
});

describe('what is installed', () => {
  const manifest = (what: object, path = 'package.json'): FileVersion => version(path, JSON.stringify(what));
  const base = { name: 'app', version: '1.0.0', dependencies: { a: '1' }, scripts: { build: 'a' } };

  it.each([
    ['another version', manifest({ ...base, dependencies: { a: '2' } })],
    ['a package more', manifest({ ...base, devDependencies: { b: '1' } })],
    ['an override', manifest({ ...base, overrides: { a: 'npm:b@1' } })],
    ['another package manager', manifest({ ...base, packageManager: 'pnpm@9.1.0' })],
    ['a manifest that is none any more', version('package.json', '{')],
  ])('asks a person for %s, with the lock file as it was', (_, after) => {
    expect(said(guardDependencies([changed(manifest(base), after)], textOf))).toEqual([
      'needs_human DEPENDENCIES_CHANGED change.files["package.json"]',
    ]);
  });

  it('asks for a new manifest that installs something, and for the end of one', () => {
    const web = manifest(base, 'web/package.json');

    expect(said(guardDependencies([changed(null, web), changed(web, null)], textOf))).toEqual([
      'needs_human DEPENDENCIES_CHANGED change.files["web/package.json"]',
      'needs_human DEPENDENCIES_CHANGED change.files["web/package.json"]',
    ]);
  });

  it.each([
    ['other keys', changed(manifest(base), manifest({ ...base, version: '2.0.0', scripts: {} }))],
    ['the order of keys', changed(manifest(base), manifest(Object.fromEntries(Object.entries(base).toReversed())))],
    ['a manifest that moves', changed(manifest(base), manifest(base, 'web/package.json'))],
    ['a new one that installs nothing', changed(null, manifest({ name: 'web' }, 'web/package.json'))],
    ['other files', changed(manifest(base, 'a.json'), manifest({}, 'a.json'))],
  ])('asks nobody for %s', (_, file) => {
    expect(guardDependencies([file], textOf)).toEqual([]);
  });
});

describe('secrets', () => {
  const run = `mk_${'aB3-_'.repeat(9).slice(0, 43)}`;
  const pem = '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n';

  it.each([
    ['a key of ours', null, version('a.env', `KEY=${run}`), 'refused KEY_IN_CHANGE change.files["a.env"]'],
    [
      'one more',
      version('a.env', run.slice(0, 20)),
      version('a.env', run),
      'refused KEY_IN_CHANGE change.files["a.env"]',
    ],
    ['a private key', null, version('k.pem', pem), 'needs_human PRIVATE_KEY_IN_CHANGE change.files["k.pem"]'],
    [
      'one of SSH',
      null,
      version('k', pem.replace('PRIVATE', 'OPENSSH PRIVATE')),
      'needs_human PRIVATE_KEY_IN_CHANGE change.files["k"]',
    ],
    ['one that was there', version('k.pem', pem), version('k.pem', `${pem}MORE`), ''],
    ['a public key', null, version('k.pub', pem.replace('PRIVATE', 'PUBLIC')), ''],
    ['a file that goes', version('k.pem', pem), null, ''],
  ])('%s', (_, before, after, expected) => {
    expect(said(guardSecrets([changed(before, after)], textOf)).join()).toBe(expected);
  });
});
