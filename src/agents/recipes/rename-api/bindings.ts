import type { ts } from '@ts-morph/common';
import { movedBy } from '../splice.ts';
import type { Change } from './changes.ts';
import { identifiersIn } from './identifiers.ts';
import { type Meaning, meaningOf } from './meaning.ts';
import { fromCompiler } from './places.ts';
import type { Project } from './project.ts';

type Moved = (path: string, offset: number) => number;

/** What every identifier with the old or the new name stands for, by its place: `path:offset`. */
export type Bindings = ReadonlyMap<string, { readonly value: readonly string[]; readonly property: readonly string[] }>;

/** Read before and after the edit: taken together they show a name that was caught by another declaration. */
export function readBindings(project: Project, names: readonly string[]): Bindings {
  const checker = project.program().getTypeChecker();
  const bindings = new Map<string, { value: readonly string[]; property: readonly string[] }>();
  for (const source of project.sources()) {
    for (const id of identifiersIn(source, names)) {
      const meaning: Meaning = meaningOf(id, checker);
      bindings.set(placeKey(source, id), { value: keysOf(meaning.value), property: keysOf(meaning.property) });
    }
  }
  return bindings;
}

/** Places, in the new text, whose meaning is not what it was. */
export function changedBindings(before: Bindings, after: Bindings, changes: readonly Change[]): readonly string[] {
  const moved = movesOf(changes);
  const byPlace = new Map(changes.map((change) => [`${change.path}:${change.node.getStart()}`, change]));
  const wrong: string[] = [];
  for (const [place, meaning] of before) {
    const [path, offset] = splitPlace(place);
    const change = byPlace.get(place);
    if (change?.role === 'pair' || (change === undefined && isInside(changes, path, offset))) continue;
    const newPlace = `${path}:${moved(path, change?.start ?? offset) + (change?.nameAt ?? 0)}`;
    const now = after.get(newPlace);
    const same =
      change?.role === 'property' ? sameProperty(meaning, now, moved) : sameKeys(meaning.value, now?.value, moved);
    if (!same) wrong.push(newPlace);
  }
  return wrong;
}

type Keys = { readonly value: readonly string[]; readonly property: readonly string[] };

/** In `{ new: old }` the new name is an ordinary property name, of which the checker tells one meaning or the other. */
function sameProperty(before: Keys, after: Keys | undefined, moved: Moved): boolean {
  return sameKeys(before.property, after?.property, moved) || sameKeys(before.property, after?.value, moved);
}

function sameKeys(before: readonly string[], after: readonly string[] | undefined, moved: Moved): boolean {
  if (after === undefined || before.length !== after.length) return false;
  const expected = before.map((key) => {
    const [path, offset] = splitPlace(key);
    return `${path}:${moved(path, offset)}`;
  });
  return expected.toSorted().join() === after.toSorted().join();
}

function keysOf(declarations: readonly ts.Node[]): readonly string[] {
  return declarations.map((declaration) => placeKey(declaration.getSourceFile(), declaration));
}

function placeKey(source: ts.SourceFile, node: ts.Node): string {
  return `${fromCompiler(source.fileName)}:${node.getStart(source)}`;
}

function splitPlace(place: string): readonly [path: string, offset: number] {
  const at = place.lastIndexOf(':');
  return [place.slice(0, at), Number(place.slice(at + 1))];
}

/** Offsets of the old texts to those of the new ones. */
export function movesOf(changes: readonly Change[]): Moved {
  const byPath = new Map(
    [...Map.groupBy(changes, (change) => change.path)].map(([path, edits]) => [path, movedBy(edits)]),
  );
  return (path, offset) => byPath.get(path)?.(offset) ?? offset;
}

function isInside(changes: readonly Change[], path: string, offset: number): boolean {
  return changes.some((change) => change.path === path && change.start <= offset && offset < change.end);
}
