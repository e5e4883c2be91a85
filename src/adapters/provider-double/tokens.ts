/** Words, single signs and blanks, cut every four letters: about what real tokenizers give, and never more than bytes. */
const PIECE = /[\p{L}\p{N}_]{1,4}|\s{1,4}|[^\s\p{L}\p{N}_]/gu;

/** The double's own idea of tokens. */
export function tokensOf(text: string): readonly string[] {
  return text.match(PIECE) ?? [];
}
