import { describe, expect, it } from 'vitest';
import { resolveFile } from '../resolve.ts';

/** The text that three versions merge to which git could not; undefined when a conflict is left. */
async function merged(path: string, base: string, ours: string, theirs: string) {
  const git = {
    merge: () => Promise.resolve({ clean: false, text: `<<<<<<< ours\n${ours}=======\n${theirs}>>>>>>> theirs\n` }),
  };
  const resolution = await resolveFile({ path, base, ours, theirs }, git, { unrated: true });
  return resolution.status === 'resolved' ? resolution.text : undefined;
}

const options = (label: string, more = ''): string =>
  ['  width: element.width ?? 100,', '  height: element.height ?? 50,', `  label: ${label},`]
    .concat(['  align: element.align || "left",', '  parent: element.parent ?? null,', more])
    .filter(Boolean)
    .join('\n');
const before = `function make(element) {\n return create(element, {\n${options('element.label')}\n });\n}\n`;

describe('an edit of code that the other side moved', () => {
  it('is applied where that code stands now', async () => {
    const ours = `function make(element) {\n const all = {\n${options('element.label', '  kind: element.kind,')}\n };\n check(all);\n return finish(element, create(element, all));\n}\n`;
    const theirs = before.replace('element.label', 'element.label || element.name');

    const result = await merged('a.ts', before, ours, theirs);

    expect(result).toBe(ours.replace('element.label', 'element.label || element.name'));
    expect(await merged('a.ts', before, theirs, ours)).toBe(result);
  });

  it('stays a conflict where that code stands in two places now', async () => {
    const twice = `function make(element) {\n const all = {\n${options('element.label')}\n };\n const two = {\n${options('element.label')}\n };\n return join(all, two);\n}\n`;

    expect(await merged('a.ts', before, twice, before.replace('element.label', 'element.name'))).toBeUndefined();
  });

  it('stays a conflict where both sides changed the same token of it', async () => {
    const ours = `function make(element) {\n const all = {\n${options('element.title')}\n };\n return create(all);\n}\n`;

    expect(await merged('a.ts', before, ours, before.replace('element.label', 'element.name'))).toBeUndefined();
  });
});

describe('a deletion within what the other side deleted', () => {
  const check = 'check("one", () => {\n  const a = make(1);\n  console.log(a);\n  expect(a).toBe(1);\n});\n';
  const base = `run();\n${check}end();\n`;

  it('leaves nothing to do', async () => {
    const shorter = base.replace('  console.log(a);\n', '');

    expect(await merged('a.ts', base, 'run();\nend();\n', shorter)).toBe('run();\nend();\n');
  });

  it('stays a conflict where something was written too', async () => {
    const changed = base.replace('  console.log(a);\n', '').replace('toBe(1)', 'toBe(2)');

    expect(await merged('a.ts', base, 'run();\nend();\n', changed)).toBeUndefined();
  });

  it('stays a conflict where the other side only moved the code', async () => {
    const moved = `run();\nend();\nfunction later() {\n${check}}\n`;
    const result = await merged('a.ts', base, moved, base.replace('  console.log(a);\n', ''));

    expect(result ?? '').not.toContain('console.log');
  });
});
