import { parse } from '@ast-grep/napi';
import { ts } from '@ts-morph/common';

const KINDS: { readonly [language: string]: ts.ScriptKind } = {
  TypeScript: ts.ScriptKind.TS,
  Tsx: ts.ScriptKind.TSX,
  JavaScript: ts.ScriptKind.JSX,
};

/** How many faults a parser finds: the compiler's own for TypeScript and JavaScript, since it forgives least. */
export function syntaxFaults(language: string, text: string): number {
  const kind = KINDS[language];
  if (kind === undefined) return patternFaults(language, text);
  const source = ts.createSourceFile('/file', text, ts.ScriptTarget.Latest, false, kind);
  // The cast is true: the parser leaves its complaints there, and the compiler's types do not tell.
  return (source as unknown as { readonly parseDiagnostics: readonly unknown[] }).parseDiagnostics.length;
}

/** How much of a text the pattern parser cannot read; patterns may use `$` where languages do not. */
export function patternFaults(language: string, text: string): number {
  return parse(language, text)
    .root()
    .findAll({ rule: { kind: 'ERROR' } }).length;
}
