import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

const sources = globSync('src/**/*.ts');
const product = sources.filter((path) => !path.endsWith('.test.ts'));

/** Rooms that are still being furnished; a name goes when its README is there. */
const UNFINISHED = ['evidence'];

describe('the house', () => {
  it('does not silence its own rules', () => {
    const silencing = sources.flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => /(ox|es)lint-disable/.test(line))
        .filter(
          (line) => /maestro\/|lint-disable(-next-line|-line)?\s*($|\*\/|--)/.test(line) || !line.includes(' -- '),
        )
        .map((line) => `${path}: ${line.trim()}`),
    );

    expect(silencing, 'name another rule, and the reason after --').toEqual([]);
  });

  it('gives every room that can be entered its ports and ten lines about itself', () => {
    const rooms = globSync('src/*/index.ts').map((path) => path.split('/')[1] ?? '');
    const others = ['app', 'cli', 'domain', 'kernel', 'server', ...UNFINISHED];

    for (const room of rooms.filter((each) => !others.includes(each))) {
      expect(existsSync(`src/${room}/ports.ts`), `src/${room}/ports.ts`).toBe(true);
      expect(existsSync(`src/${room}/README.md`), `src/${room}/README.md`).toBe(true);
      expect(readFileSync(`src/${room}/README.md`, 'utf8').split('\n').length, `src/${room}/README.md`).toBeLessThan(
        25,
      );
    }
  });

  it('names files after what they are', () => {
    const names = sources.map((path) => basename(path).replace(/(\.test|\.d)?\.ts$/, ''));

    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(names.filter((name) => /(^|-)(utils?|helpers?|common|misc|manager)$/.test(name))).toEqual([]);
  });

  it('is made of small files', () => {
    const lengths = product.map((path) => readFileSync(path, 'utf8').split('\n').length - 1).sort((a, b) => a - b);

    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(80);
  });
});
