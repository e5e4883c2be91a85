import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '#app/config/settings.ts';
import { COMMAND_DOCS } from '#cli/docs.ts';

/** Documents may name these before they exist; a line goes when it does. */
const COMING_COMMANDS: readonly string[] = ['doctor', 'restore'];
const COMING_FILES: readonly string[] = [];
const COMING_BENCHES: readonly string[] = [];

const documents = [
  'README.md',
  'AGENTS.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md'),
];
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { [name: string]: string } };
/** Groups that do something by themselves. */
const DEFAULTS: readonly string[] = ['worker'];
const commands = COMMAND_DOCS.map(({ path }) => path);

/** Command lines in fences and in inline code, one program each. */
function commandLines(markdown: string): readonly string[] {
  const fenced = [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, body = '']) => body.split('\n'));
  const inline = [...markdown.replace(/^```.*?^```/gms, '').matchAll(/`((?:npm|npx|maestro) [^`]*)`/g)].map(
    ([, body = '']) => body,
  );
  return [...fenced, ...inline].flatMap((line) => line.replace(/ #.*$/, '').split('&&')).map((line) => line.trim());
}

function existsForNpm(words: readonly string[]): boolean {
  const [verb = '', script = ''] = words;
  if (verb === 'install' || verb === 'ci') return true;
  return (verb === 'run' ? script : verb) in scripts;
}

function existsForMaestro(words: readonly string[]): boolean {
  if (DEFAULTS.includes(words[0] ?? '') && (words.length === 1 || words[1]?.startsWith('-'))) return true;
  return [...commands, ...COMING_COMMANDS].some((path) => `${words.join(' ')} `.startsWith(`${path} `));
}

function exists(line: string): boolean {
  const [program, ...words] = line.replace(/^npx /, '').split(/\s+/);
  if (program === 'npm') return existsForNpm(words);
  return program !== 'maestro' || words[0] === '...' || existsForMaestro(words);
}

describe.each(documents)('%s', (path) => {
  const markdown = readFileSync(path, 'utf8');

  it('names only commands and scripts that exist', () => {
    expect(commandLines(markdown).filter((line) => !exists(line))).toEqual([]);
  });

  it('links only to what exists', () => {
    const links = [...markdown.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => join(dirname(path), link));

    expect(links.filter((link) => !existsSync(link) && !COMING_FILES.includes(link))).toEqual([]);
  });

  it('names only settings that exist', () => {
    const groups = new Set(Object.keys(SETTINGS).flatMap((name) => (name.includes('.') ? name.split('.')[0] : [])));
    const named = [...markdown.matchAll(/`([a-z]+)\.([a-zA-Z]+)(?:: \w+)?`/g)]
      .filter(([, group = '', rest = '']) => groups.has(group) && !/^(md|ts|js|yaml|db)$/.test(rest))
      .map(([, group, rest]) => `${group}.${rest}`);

    const events = path.endsWith('reference/events.md');
    expect(named.filter((name) => !events && !Object.hasOwn(SETTINGS, name))).toEqual([]);
  });
});

describe('the README', () => {
  it('is one screen, with the two commands as they are typed', () => {
    const readme = readFileSync('README.md', 'utf8');

    expect(readme).toContain('\n```sh\nnpm install && npm start\n```\n');
    expect(readme).toContain('\n```sh\nnpm install && npm test\n```\n');
    expect(readme).toContain('](src/app/conductor.ts)');
    expect(readme.split('\n').length).toBeLessThanOrEqual(50);
  });
});

describe('the open questions', () => {
  it('are answered each, with settings that exist', () => {
    const [, ...answers] = readFileSync('docs/decisions/open-questions.md', 'utf8').split(/^## /m);

    expect(answers).toHaveLength(6);
    for (const answer of answers) {
      const line = /^Settings: (.+)$/m.exec(answer)?.[1] ?? '';
      const names = [...line.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      expect(names, answer).not.toEqual([]);
      for (const name of names) expect(Object.keys(SETTINGS)).toContain(name);
    }
  });
});

describe('the benchmarks', () => {
  it('have a file and a row each', () => {
    const parts = new Set(['inputs', 'main', 'print', 'result']);
    const files = globSync('bench/*.ts').map((path) => path.slice('bench/'.length, -'.ts'.length));
    const benches = files.filter((name) => !parts.has(name) && !name.endsWith('.test'));
    const rows = [...readFileSync('docs/benchmarks.md', 'utf8').matchAll(/^\| `([^`]+)`/gm)].map(
      ([, name = '']) => name,
    );

    expect(
      benches.filter((name) => !rows.includes(name)),
      'no row in docs/benchmarks.md',
    ).toEqual([]);
    expect(
      rows.filter((name) => !benches.includes(name) && !COMING_BENCHES.includes(name)),
      'no file in bench/',
    ).toEqual([]);
  });
});

describe('what is coming', () => {
  it('is not here yet: its line in this test goes when it is', () => {
    expect(COMING_COMMANDS.filter((path) => commands.includes(path))).toEqual([]);
    expect(COMING_FILES.filter((path) => existsSync(path))).toEqual([]);
  });
});
