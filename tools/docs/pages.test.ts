import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_TABLES, errorEntry } from '#app/errors.ts';
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

describe('the error tables', () => {
  const tables = Object.values(ERROR_TABLES);
  const files = globSync('src/**/*.ts', { exclude: (path) => path.endsWith('.test.ts') }).filter((path) =>
    path.endsWith('.ts'),
  );
  const texts = files.map((path) => readFileSync(path, 'utf8'));

  it('are all in the registry of src/app/errors.ts', async () => {
    const owners = files.filter(
      (path) => /(^|\/)(errors|[a-z-]+-error)\.ts$/.test(path) && path !== 'src/app/errors.ts',
    );
    for (const path of owners) {
      const exported = (await import(pathToFileURL(join(process.cwd(), path)).href)) as { [name: string]: unknown };
      const found = Object.entries(exported).filter(([name]) => name.endsWith('_ERRORS'));
      for (const [name, table] of found) {
        expect(tables, `${name} of ${path} is missing in src/app/errors.ts`).toContain(table);
        expect(Object.isFrozen(table), `${name} of ${path} is not frozen`).toBe(true);
      }
      if (path.endsWith('/errors.ts')) expect(found, `${path} exports no table named ..._ERRORS`).not.toEqual([]);
    }
  });

  it('name each code once, with a cure', () => {
    const codes = tables.flatMap((table) => Object.keys(table));

    expect(codes.toSorted()).toEqual([...new Set(codes)].toSorted());
    for (const code of codes) expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/);
    for (const { cure } of tables.flatMap((table) => Object.values(table))) expect(cure).toMatch(/^[A-Z`].{10,}[^.]$/);
  });

  it('answer for every code and no other', () => {
    expect(errorEntry('NODE_TOO_OLD')?.exit).toBe(4);
    expect(errorEntry('toString')).toBeUndefined();
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
  it('have one name, a usage and an example each', () => {
    const paths = COMMAND_DOCS.map(({ path }) => path);

    expect(paths).toEqual([...new Set(paths)]);
    for (const { path, usage, example } of COMMAND_DOCS) {
      expect(`${usage} `).toContain(`maestro ${path} `);
      expect(`${example} `).toContain(`maestro ${path} `);
    }
  });
});
