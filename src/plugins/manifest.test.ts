import { expect, test } from 'vitest';
import { manifestJsonSchema, readManifest } from './manifest.ts';
import { NOTHING, permissionDiff } from './permissions.ts';

const PLAIN = `
id: plugin.codesearch@v1
capabilities: { inputs: [repo, query], outputs: [matches] }
permissions: { fs_read: ["**/*"] }
license: MIT
`;

test('the plain form of a manifest validates and asks for nothing more than it says', () => {
  const manifest = readManifest(PLAIN);

  expect(manifest).toMatchObject({ name: 'plugin.codesearch', version: '1.0.0', license: 'MIT' });
  expect(manifest.permissions).toEqual({ ...NOTHING, fs_read: ['**/*'] });
});

test('empty permissions grant nothing', () => {
  expect(readManifest(PLAIN.replace('fs_read: ["**/*"]', '')).permissions).toEqual(NOTHING);
  expect(readManifest(PLAIN.replace(/permissions.*\n/, '')).permissions).toEqual(NOTHING);
});

test.each([
  ['id: plugin.codesearch@v1', 'id: codesearch', 'id'],
  ['license: MIT', 'license: free', 'license'],
  ['"**/*"', '"../**"', 'permissions.fs_read.0'],
  ['permissions: {', 'permissions: { net: true, ', 'permissions'],
  ['license: MIT', 'license: MIT\nversion: 2.0.0', 'version'],
  ['license: MIT', 'license: MIT\nlimits: { fuel: 0 }', 'limits.fuel'],
  ['license: MIT', 'license: MIT\nlicense: MIT', 'YAML'],
  ['[repo, query]', '&a [x, *a, *a]', 'YAML'],
])('%s written as %s is refused and named', (from, to, named) => {
  expect(() => readManifest(PLAIN.replace(from, to))).toThrow(named);
});

test('the schema for editors names every field', () => {
  const schema = JSON.stringify(manifestJsonSchema());

  for (const field of ['fs_read', 'fs_edit', 'wall_ms', 'license', 'capabilities']) expect(schema).toContain(field);
});

test('a permission diff says what is more, counting lost exclusions', () => {
  const before = { ...NOTHING, fs_read: ['**', '!secrets/**'] };
  const after = { ...NOTHING, fs_read: ['**'], regex: true };

  expect(permissionDiff(before, after)).toEqual({ more: ['regex', 'without fs_read !secrets/**'], less: [] });
  expect(permissionDiff(after, before)).toEqual({ more: [], less: ['regex', 'fs_read !secrets/**'] });
});
