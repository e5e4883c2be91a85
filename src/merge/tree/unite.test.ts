import { expect, it } from 'vitest';
import { resolveFile } from '../resolve.ts';

/** The text that three versions merge to which git could not; undefined when a conflict is left. */
async function merged(path: string, base: string, ours: string, theirs: string) {
  const git = {
    merge: () => Promise.resolve({ clean: false, text: `<<<<<<< ours\n${ours}=======\n${theirs}>>>>>>> theirs\n` }),
  };
  const resolution = await resolveFile({ path, base, ours, theirs }, git, { unrated: true });
  return resolution.status === 'resolved' ? resolution.text : undefined;
}

it.each([
  [
    'exports of one module',
    'a.ts',
    "export * from './a';\n",
    "export * from './a';\nexport type { One } from './b';\n",
    "export * from './a';\nexport type { Two } from './b';\n",
    "export * from './a';\nexport type { One, Two } from './b';\n",
  ],
  [
    'interfaces of one name',
    'a.ts',
    'run();\n',
    'run();\ninterface A {\n  a: 1;\n  b: 2;\n}\n',
    'run();\ninterface A {\n  a: 1;\n  c: 3;\n}\n',
    'run();\ninterface A {\n  a: 1;\n  b: 2;\n  c: 3;\n}\n',
  ],
  [
    'objects under one key',
    'a.json',
    '{\n  "x": 1\n}\n',
    '{\n  "x": 1,\n  "k": {\n    "a": 1\n  }\n}\n',
    '{\n  "x": 1,\n  "k": {\n    "b": 2\n  }\n}\n',
    '{\n  "x": 1,\n  "k": {\n    "a": 1,\n    "b": 2\n  }\n}\n',
  ],
])('%s that both sides added are merged member by member', async (_, path, base, ours, theirs, expected) => {
  expect(await merged(path, base, ours, theirs)).toBe(expected);
});

it.each([
  ['members differ', 'interface A {\n  a: 1;\n}\n', 'interface A {\n  a: 2;\n}\n'],
  ['heads differ', 'interface A {\n  a: 1;\n}\n', 'interface A extends B {\n  b: 1;\n}\n'],
  ['order counts', 'function f() {\n  a();\n}\n', 'function f() {\n  b();\n}\n'],
])('what both sides added under one name stays a conflict where %s', async (_, ours, theirs) => {
  expect(await merged('a.ts', 'run();\n', `run();\n${ours}`, `run();\n${theirs}`)).toBeUndefined();
});
