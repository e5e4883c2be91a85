import { extname, matchesGlob } from 'node:path';
import type { Files } from '../../ports.ts';
import { counted } from '../counted.ts';
import type { RecipeParams, RecipeReport } from '../recipe.ts';
import { readText, writeText } from '../source-text.ts';
import { isWritten } from '../written.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from './languages.ts';
import { rewrite } from './rewrite.ts';
import { patternFaults, syntaxFaults } from './syntax-faults.ts';
import { partsOf } from './template.ts';

/** Rewrites all matches in all files, or none if a result would not parse any more. */
export function run(files: Files, params: RecipeParams): RecipeReport {
  const { pattern = '', language = DEFAULT_LANGUAGE, glob } = params;
  const parsers = LANGUAGES[language] ?? {};
  if (patternFaults(Object.values(parsers)[0] ?? '', pattern) > 0) return unreadable(pattern, language);
  const template = partsOf(params['rewrite'] ?? '');
  const words = wordsOf(pattern);

  const results = new Map<string, string>();
  const broken: string[] = [];
  let places = 0;
  for (const path of files.list()) {
    const parser = parsers[extname(path).slice(1)];
    if (parser === undefined || !isWritten(path) || (glob !== undefined && !matchesGlob(path, glob))) continue;
    const text = readText(files, path);
    if (text === undefined || !words.every((word) => text.includes(word))) continue;
    const result = rewrite(parser, text, pattern, template);
    if (result.text === text) continue;
    if (syntaxFaults(parser, result.text) > syntaxFaults(parser, text)) broken.push(path);
    results.set(path, result.text);
    places += result.matches;
  }
  if (broken.length > 0) return breaksSyntax(broken);
  if (results.size === 0)
    return { kind: 'no_change', summary: `Nothing has the shape \`${pattern}\`, or all of it is written so already` };

  for (const [path, text] of results) writeText(files, path, text);
  const summary = `Rewrote \`${pattern}\` in ${counted(places, 'place')} of ${counted(results.size, 'file')}`;
  return { kind: 'change', summary, files: [...results.keys()], places, warnings: [] };
}

/** Names that every match must contain, so that most files need not be parsed. */
function wordsOf(pattern: string): readonly string[] {
  const plain = partsOf(pattern).filter((part) => typeof part === 'string');
  return plain.flatMap((part) => part.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []);
}

function unreadable(pattern: string, language: string): RecipeReport {
  const reason = {
    code: 'CODEMOD_PATTERN_UNREADABLE',
    msg: `The pattern \`${pattern}\` is not a whole piece of ${language}`,
    field: 'task.work.params.pattern',
    fix: 'Write an expression, statement or declaration as it stands in code',
  };
  return { kind: 'failed', reasons: [reason] };
}

function breaksSyntax(paths: readonly string[]): RecipeReport {
  const reason = {
    code: 'CODEMOD_BREAKS_SYNTAX',
    msg: `The result would not parse any more in ${counted(paths.length, 'file')}: ${paths.slice(0, 10).join(', ')}`,
    field: 'task.work.params.rewrite',
    fix: 'Write the rewrite so that it stands wherever the pattern does, for example with brackets around it',
  };
  return { kind: 'failed', reasons: [reason] };
}
