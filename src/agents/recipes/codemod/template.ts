/** A variable of a pattern: `$NAME` stands for one node, `$$$NAME` for any number of them. */
export interface Variable {
  readonly name: string;
  readonly many: boolean;
}

export type Part = string | Variable;

const VARIABLE = /(\$\$\$|\$)([A-Z_][A-Z0-9_]*)/g;

/** A pattern or rewrite as plain text and variables, in order. */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const found of text.matchAll(VARIABLE)) {
    const [whole, dollars, name = ''] = found;
    if (found.index > done) parts.push(text.slice(done, found.index));
    parts.push({ name, many: dollars === '$$$' });
    done = found.index + whole.length;
  }
  if (done < text.length) parts.push(text.slice(done));
  return parts;
}

export function variablesOf(text: string): readonly Variable[] {
  return partsOf(text).filter((part) => typeof part !== 'string');
}

/** The rewrite with its variables filled in. Where a list is empty, the comma beside it goes too. */
export function fill(parts: readonly Part[], valueOf: (variable: Variable) => string): string {
  let result = '';
  let dropComma = false;
  for (const part of parts) {
    let text = typeof part === 'string' ? part : valueOf(part);
    if (dropComma && typeof part === 'string') {
      if (/^\s*,/.test(text)) text = text.replace(/^\s*,\s*/, '');
      else if (/^\s*[)\]}]/.test(text)) result = result.replace(/,\s*$/, '');
    }
    dropComma = typeof part !== 'string' && part.many && text === '';
    result += text;
  }
  return result;
}
