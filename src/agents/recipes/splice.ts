/** Replaces the UTF-16 range [start, end) by a text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all edits made; they must not overlap. What lies between them stays to the byte. */
export function splice(text: string, edits: readonly Edit[]): string {
  let result = '';
  let done = 0;
  for (const edit of inOrder(edits)) {
    if (edit.start < done) throw new RangeError(`edits overlap at ${edit.start}`);
    result += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return result + text.slice(done);
}

/** Where an offset of the old text stands in the new one; inside an edit, at the edit's start. */
export function movedBy(edits: readonly Edit[]): (offset: number) => number {
  const ordered = inOrder(edits);
  return (offset) => {
    let shift = 0;
    for (const edit of ordered) {
      if (offset < edit.start) break;
      if (offset < edit.end) return edit.start + shift;
      shift += edit.text.length - (edit.end - edit.start);
    }
    return offset + shift;
  };
}

function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return edits.toSorted((a, b) => a.start - b.start);
}
