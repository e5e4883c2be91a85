import { ts } from 'ts-morph';
import { expect, it } from 'vitest';
import { treeOf } from '../languages/typescript/tree.ts';
import { Interner, leavesOf } from './node.ts';
import type { SyntaxNode } from './node.ts';

const sources = [
  '',
  '// only a comment\n',
  '#!/usr/bin/env node\n"use strict";\n\n/** doc */\nexport default class A<T, U = string> extends B<T> implements C, D { /* in */ static #x = 1; get y() { return 1 } }\n',
  'type A = | "a" // first\n  | "b";\nenum E { A = 1, B, } // end\n',
  'const el = <div a={1} {...rest}>text {value} <b/> more</div>;\n',
  'f(a, /* why */ b, ...c) // tail\n;[1, , 2].map(x => `t${x}u${`n${x}`}`)\nlabel: for (;;) { break label }\n',
  "import a, { type b, c as d } from './x' with { type: 'json' };\r\nexport * as y from 'y'\r\n",
  'interface A {\n  a: 1; // one\n}\nf(a, // first\n  b // last\n)\nconst a = [\n  1, // x\n] // y\n',
  'switch (a) { case 1: b(); // one\n default: }\nif (a) b(); else { c() }\n// end of file',
];

it.each(sources)('loses no character of %j', (source) => {
  const tree = treeOf(ts.createSourceFile('x.tsx', source, ts.ScriptTarget.Latest, true), new Interner());

  expect(
    leavesOf(tree)
      .map((leaf) => leaf.text)
      .join(''),
  ).toBe(source);
  checkSums(tree);
});

function checkSums(node: SyntaxNode): void {
  if (node.children.length === 0) return;
  expect(node.children.map((child) => child.text).join('')).toBe(node.text);
  for (const child of node.children) checkSums(child);
}

it('gives equal code equal hashes, whatever its formatting', () => {
  const interner = new Interner();
  const hash = (source: string): number =>
    treeOf(ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true), interner).hash;

  expect(hash("call('a', [b,]); // c\n")).toBe(hash('call(\n  "a",\n  [b],\n)\n'));
  expect(hash('a - b')).not.toBe(hash('a + b'));
});
