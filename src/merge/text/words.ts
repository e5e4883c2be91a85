/**
 * Code as words and marks, string literals whole, comments left out. Cheaper by far than taking a tree apart, and enough
 * to see what is alike; a regular expression or a template that looks like something else does little harm there.
 */
export function wordsOf(code: string): readonly string[] {
  const found = code.match(/\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#?[\p{L}\p{N}_$]+|\S/gu);
  return (found ?? []).filter((token) => !token.startsWith('//') && !token.startsWith('/*'));
}
