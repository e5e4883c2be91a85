import type { Files } from '../../ports.ts';
import { readText } from '../source-text.ts';
import type { Project } from './project.ts';
import { fromCompiler } from './places.ts';

// Files with code that is not read here, which may well import from files that are.
const UNREAD = /\.(vue|svelte|astro|mdx)$/;

/** Where a name still stands after its renaming: in strings, comments, values without type, and files that cannot be read. */
export function mentionsOf(files: Files, project: Project, name: string): readonly string[] {
  const read = project.sources().map((source) => ({ path: fromCompiler(source.fileName), text: source.text }));
  const unread = files
    .list()
    .filter((path) => UNREAD.test(path))
    .map((path) => ({ path, text: readText(files, path) ?? '' }));
  return [...read, ...unread]
    .filter(({ text }) => text.includes(name))
    .flatMap(({ path, text }) => placesIn(path, text, name));
}

function placesIn(path: string, text: string, name: string): readonly string[] {
  const places: string[] = [];
  text.split('\n').forEach((line, index) => {
    if (containsWord(line, name)) places.push(`${path}:${index + 1}`);
  });
  return places;
}

/** True when the name stands there as a whole word. */
export function containsWord(text: string, name: string): boolean {
  const isPart = (letter: string | undefined): boolean => letter !== undefined && /[\p{ID_Continue}$]/u.test(letter);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + name.length])) return true;
  }
  return false;
}
