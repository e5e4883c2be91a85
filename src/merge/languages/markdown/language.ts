import { mergeNode } from '../../tree/merge.ts';
import type { Interner, SyntaxNode } from '../../tree/node.ts';
import type { Three } from '../../tree/three.ts';
import type { Language, OpenFile } from '../language.ts';
import { parseYaml, yamlTree } from '../yaml/tree.ts';
import { openYaml } from '../yaml/language.ts';

/** Markdown whose front matter is YAML: the front matter merges by key, the prose only where one side changed it. */
export const markdown: Language = {
  name: 'markdown',
  handles: (path) => /\.mdx?$/.test(path),
  open,
};

const frontMatter = /^---\r?\n([\s\S]*?\n)---[ \t]*(\r?\n|$)/;

function open(_path: string, texts: Three<string>, interner: Interner): OpenFile | undefined {
  const base = split(texts.base);
  const ours = split(texts.ours);
  const theirs = split(texts.theirs);
  if (!base || !ours || !theirs) return undefined;
  const matter = openYaml({ base: base.matter, ours: ours.matter, theirs: theirs.matter }, interner);
  const trees = {
    base: treeOf(texts.base, interner),
    ours: treeOf(texts.ours, interner),
    theirs: treeOf(texts.theirs, interner),
  };
  if (!matter || !trees.base || !trees.ours || !trees.theirs) return undefined;
  const known: Three<SyntaxNode> = { base: trees.base, ours: trees.ours, theirs: trees.theirs };
  return {
    trees: known,
    merge: () => mergeNode(known, interner),
    judge: (merged) => {
      const parts = split(merged);
      const tree = parts && treeOf(merged, interner);
      return parts && tree && { tree, faults: matter.judge(parts.matter)?.faults ?? [] };
    },
  };
}

function split(text: string): { readonly matter: string; readonly start: number } | undefined {
  const match = frontMatter.exec(text);
  return match ? { matter: match[1]!, start: text.indexOf('\n') + 1 } : undefined;
}

/** Fence, front matter by blocks, and the rest line by line. */
function treeOf(text: string, interner: Interner): SyntaxNode | undefined {
  const parts = split(text);
  const document = parts && parseYaml(parts.matter);
  if (!parts || !document) return undefined;
  const rest = text.slice(parts.start + parts.matter.length);
  const fence = leaf('Fence', text.slice(0, parts.start), interner);
  const matter = yamlTree(document, parts.matter, interner);
  const prose = leaf('Prose', rest, interner);
  const children = [fence, matter, prose];
  const hash = interner.id(`(${children.map((child) => child.hash).join(' ')})`);
  return { kind: 'Markdown', text, hash, size: matter.size + 2, children, lead: '' };
}

function leaf(kind: string, text: string, interner: Interner): SyntaxNode {
  return { kind, text, hash: interner.id(text), size: 1, children: [], lead: '' };
}
