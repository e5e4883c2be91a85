import { ts } from 'ts-morph';
import { expect, it } from 'vitest';
import { Interner } from '../../tree/node.ts';
import { typescript } from './language.ts';
import { isSettled, settledText } from '../../tree/outcome.ts';
import { treeOf } from './tree.ts';

function areAlike(a: string, b: string): boolean {
  const interner = new Interner();
  const hash = (text: string): number =>
    treeOf(ts.createSourceFile('a.tsx', text, ts.ScriptTarget.Latest, true), interner).hash;
  return hash(a) === hash(b);
}

it.each([
  ['if (a) return b;', 'if (a) {\n  return b;\n}'],
  ['for (const a of b) c(a);', 'for (const a of b) { c(a); }'],
  ['if (a) b(); else c();', 'if (a) { b(); } else { c(); }'],
  ['a.map((b) => c);', 'a.map(b => c);'],
  ['const a = (<b />);', 'const a = <b />;'],
])('%s means %s', (a, b) => {
  expect(areAlike(a, b)).toBe(true);
});

it.each([
  ['if (a) { if (b) c(); } else d();', 'if (a) if (b) c(); else d();'],
  ['if (a) { b(); c(); }', 'if (a) b(); c();'],
  ['{ a(); }', 'a();'],
  ['const f = () => { a(); };', 'const f = () => a();'],
  ['f((a, b));', 'f(a, b);'],
  ['(a: A) => b;', '(a) => b;'],
])('%s does not mean %s', (a, b) => {
  expect(areAlike(a, b)).toBe(false);
});

it('takes the edit of one side where the other only set braces', () => {
  const texts = {
    base: 'function f() {\n  if (!a) return b();\n}\n',
    ours: 'function f() {\n  if (!a) {\n    if (c) later(b);\n    else b();\n    return;\n  }\n}\n',
    theirs: 'function f() {\n  if (!a) {\n    return b();\n  }\n}\n',
  };

  const outcome = typescript.open('a.ts', texts, new Interner())?.merge();

  expect(outcome && isSettled(outcome) && settledText(outcome)).toBe(texts.ours);
});
