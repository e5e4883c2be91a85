import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_TABLES, exitOf } from '#app/errors.ts';
import { COMMAND_DOCS } from '#cli/docs.ts';
import { EVENT_MEANINGS, EVENT_TYPES } from '#domain/event.ts';
import { referencePages } from './pages.ts';

describe('the reference pages', () => {
  const pages = referencePages();

  it.each(Object.keys(pages))('%s says what the code says (otherwise: npm run docs)', (path) => {
    expect(readFileSync(path, 'utf8')).toBe(pages[path]);
  });

  it('are all generated: nothing else lies beside them', () => {
    expect(globSync('docs/reference/**/*.md').sort()).toEqual(Object.keys(pages).sort());
  });
});

/** A room without index.ts is still being built: nothing can enter it. */
function isOpen(path: string): boolean {
  const [, folder = ''] = path.split('/');
  return folder === 'adapters' || folder === 'app' || existsSync(`src/${folder}/index.ts`);
}

describe('the error tables', () => {
  const tables = Object.values(ERROR_TABLES);
  const files = globSync('src/**/*.ts', { exclude: (path) => path.endsWith('.test.ts') }).filter((path) =>
    path.endsWith('.ts'),
  );
  const texts = files.map((path) => readFileSync(path, 'utf8'));

  it('are all in the registry of src/app/errors.ts', async () => {
    const owners = files.filter((_, at) => /^export const \w+_ERRORS\b/m.test(texts[at] ?? '')).filter(isOpen);
    for (const path of owners) {
      const exported = (await import(pathToFileURL(join(process.cwd(), path)).href)) as { [name: string]: unknown };
      for (const [name, table] of Object.entries(exported).filter(([each]) => each.endsWith('_ERRORS'))) {
        expect(tables, `${name} of ${path} is missing in src/app/errors.ts`).toContain(table);
        expect(Object.isFrozen(table), `${name} of ${path} is not frozen`).toBe(true);
      }
    }
  });

  it('stand in every errors.ts', () => {
    const without = files.filter((path, at) => /\/errors\.ts$/.test(path) && !/_ERRORS\b/.test(texts[at] ?? ''));

    expect(without).toEqual([]);
  });

  it('name each code once, with a cure', () => {
    const codes = tables.flatMap((table) => Object.keys(table));

    expect(codes.toSorted()).toEqual([...new Set(codes)].toSorted());
    for (const code of codes) expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    for (const { cure } of tables.flatMap((table) => Object.values(table))) expect(cure).toMatch(/^[A-Z`].{10,}/);
  });

  it('tell the exit code of every code; one that no table has is a fault of ours', () => {
    expect(exitOf('NODE_TOO_OLD')).toBe(4);
    expect(exitOf('toString')).toBe(70);
  });

  it('name only codes that something raises', () => {
    const launcher = readFileSync('bin/maestro.js', 'utf8');
    const all = [...texts, launcher].join('\n');

    const unused = tables.flatMap((table) => Object.keys(table)).filter((code) => !all.includes(`'${code}'`));

    expect(unused).toEqual([]);
  });
});

describe('the events', () => {
  it('have a meaning each', () => {
    expect(Object.keys(EVENT_MEANINGS).sort()).toEqual([...EVENT_TYPES].sort());
  });
});

describe('the commands', () => {
  it('have one name each, and an example of their own', () => {
    const paths = COMMAND_DOCS.map(({ path }) => path);

    expect(paths).toEqual([...new Set(paths)]);
    for (const { path, example } of COMMAND_DOCS) expect(`${example} `).toContain(`maestro ${path} `);
  });
});
