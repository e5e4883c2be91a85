import { json } from './json/language.ts';
import type { Language } from './language.ts';
import { markdown } from './markdown/language.ts';
import { typescript } from './typescript/language.ts';
import { yaml } from './yaml/language.ts';

/** The languages that the merge understands, by name. */
const languages = { typescript, json, yaml, markdown } as const satisfies Record<string, Language>;

/** The language of a path; undefined when git's lines are all that is understood. */
export function languageOf(path: string): Language | undefined {
  return Object.values(languages).find((language) => language.handles(path));
}

/** Files that a package manager writes: their merge is a fresh run of it, never a merge of texts. */
export function isLockFile(path: string): boolean {
  return /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock)$/.test(
    path,
  );
}
