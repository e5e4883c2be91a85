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
