import { expect, test } from 'vitest';
import { readManifest } from './manifest.ts';
import { inputSchema } from './tool.ts';

const manifest = (capabilities: string) => readManifest(`id: acme.x@v1\nlicense: MIT\ncapabilities: ${capabilities}\n`);

test('inputs are one schema, whether they are names, types, words or schemas', () => {
  expect(inputSchema(manifest('{ inputs: [text], outputs: [words] }'))).toEqual({
    type: 'object',
    properties: { text: {} },
    required: [],
    additionalProperties: false,
  });
  const inputs = '{ a: string, b: one of two, c: { type: integer, minimum: 1 } }';
  expect(inputSchema(manifest(`{ inputs: ${inputs}, outputs: [], required: [a] }`))).toMatchObject({
    properties: { a: { type: 'string' }, b: { description: 'one of two' }, c: { type: 'integer', minimum: 1 } },
    required: ['a'],
  });
});

test('what is required must be an input', () => {
  expect(() => manifest('{ inputs: { a: string }, outputs: [], required: [b] }')).toThrow(/required names an input/);
});
