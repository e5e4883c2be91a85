const LONG_NAMES: string[] = ['Letter', 'L', 'Number', 'N', 'digit', 'Nd', 'Decimal_Number', 'Nd', 'Uppercase_Letter', 'Lu', 'Lowercase_Letter', 'Ll', 'Punctuation', 'P', 'Symbol', 'S', 'Separator', 'Z', 'Mark', 'M'];

/** An ECMA-262 pattern (unicode mode) in the words of RE2: other escapes, same meaning. */
export function toLinear(pattern: string): string {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c != '\\' || i + 1 >= pattern.length) {
      out += c;
      continue;
    }
    const next = pattern.charAt(++i);
    if (next == 'u') {
      const braced = i + 1 < pattern.length && pattern.charAt(i + 1) == '{';
      const end = braced ? pattern.indexOf('}', i) : i + 5;
      out += '\\x{' + pattern.substring(braced ? i + 2 : i + 1, end) + '}';
      i = braced ? end : end - 1;
    } else if (next == 'c' && i + 1 < pattern.length) {
      out += '\\x{' + (pattern.charCodeAt(++i) & 31).toString() + '}';
    } else if ((next == 'p' || next == 'P') && i + 1 < pattern.length && pattern.charAt(i + 1) == '{') {
      const end = pattern.indexOf('}', i);
      out += '\\' + next + '{' + shortName(pattern.substring(i + 2, end)) + '}';
      i = end;
    } else if (next == '-' || next == '/') out += '\\x{' + (next == '-' ? '2d' : '2f') + '}';
    else out += '\\' + next;
  }
  return out;
}

/** RE2 knows short names of general categories, and scripts without `Script=`. */
function shortName(name: string): string {
  const equals = name.indexOf('=');
  const plain = equals < 0 ? name : name.substring(equals + 1);
  for (let i = 0; i < LONG_NAMES.length; i += 2) if (LONG_NAMES[i] == plain) return LONG_NAMES[i + 1];
  return plain;
}
