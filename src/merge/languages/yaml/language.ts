import { isMap, isScalar, visit } from 'yaml';
import { mergeNode } from '../../tree/merge.ts';
import type { Interner } from '../../tree/node.ts';
import type { Three } from '../../tree/three.ts';
import type { Fault, Language, OpenFile } from '../language.ts';
import { parseYaml, type YamlFile, yamlTree } from './tree.ts';
import { strangeValues } from './values.ts';

/** YAML by blocks: mappings by key, sequences in order, scalars whole. */
export const yaml: Language = {
  name: 'yaml',
  handles: (path) => /\.ya?ml$/.test(path),
  open: (_path, texts, interner) => openYaml(texts, interner),
};

/** Undefined when one of the texts is not valid YAML. */
export function openYaml(texts: Three<string>, interner: Interner): OpenFile | undefined {
  const base = parseYaml(texts.base);
  const ours = parseYaml(texts.ours);
  const theirs = parseYaml(texts.theirs);
  if (!base || !ours || !theirs) return undefined;
  const trees = {
    base: yamlTree(base, texts.base, interner),
    ours: yamlTree(ours, texts.ours, interner),
    theirs: yamlTree(theirs, texts.theirs, interner),
  };
  return {
    trees,
    merge: () => mergeNode(trees, interner),
    judge: (merged) => {
      const file = parseYaml(merged);
      const known = new Set([...doubleKeys(ours), ...doubleKeys(theirs)].map((fault) => fault.name));
      if (!file) return undefined;
      const strange = strangeValues(file.value, ours.value, theirs.value);
      return {
        tree: yamlTree(file, merged, interner),
        faults: [
          ...doubleKeys(file).filter((fault) => !known.has(fault.name)),
          ...strange.map((name): Fault => ({ gate: 'strange-value', name, at: 0 })),
        ],
      };
    },
  };
}

function doubleKeys({ document }: YamlFile): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map(_index, node) {
      const seen = new Set<string>();
      if (!isMap(node)) return;
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) faults.push({ gate: 'double-key', name, at: key.range?.[0] ?? 0 });
        seen.add(name);
      }
    },
  });
  return faults;
}
