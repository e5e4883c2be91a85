import { describe, expect, it } from 'vitest';
import { NOTHING_DECLARED, readDeclaration } from './declaration.ts';

describe('the declaration of an environment', () => {
  it.each([undefined, '', '# nothing\n', 'test: [npm, test]\n'])('may be absent: %j', (text) => {
    expect(readDeclaration(text)).toEqual(NOTHING_DECLARED);
  });

  it('is read from its section, paths made plain', () => {
    const read = readDeclaration('other: 1\nenvironment:\n  manager: pnpm\n  directory: ./app/\n  folders: [a/b/]\n');

    expect(read).toEqual({ ...NOTHING_DECLARED, manager: 'pnpm', directory: 'app', folders: ['a/b'] });
  });

  it.each([
    ['environment: [', 'not YAML'],
    ['environment: { manger: npm }', 'at environment'],
    ['environment: { manager: cargo }', 'at environment.manager'],
    ['environment: { directory: ../x }', 'at environment.directory'],
    ['environment: { folders: [/etc] }', 'at environment.folders.0'],
    ['environment: { scratch: [a/../../x] }', 'at environment.scratch.0'],
    ['environment: { commands: [[]] }', 'at environment.commands.0'],
    ['environment: { env: { "A=B": x } }', 'at environment.env'],
    ['- a', 'at '],
  ])('is refused, with the place, when it is %s', (text, place) => {
    expect(() => readDeclaration(text)).toThrow(place);
  });
});
