import { isConflict } from './tree/outcome.ts';
import type { Conflict, Outcome } from './tree/outcome.ts';
import { linesOf } from './tree/trivia.ts';

interface Block {
  base: string;
  ours: string;
  theirs: string;
  readonly label: string;
}

/** An outcome as text; conflicts become whole-line `diff3` blocks labelled with entity and cause. */
export function withMarkers(outcome: Outcome): string {
  let out = '';
  let open: Block | undefined;
  const close = (): void => {
    if (open) out += blockText(open);
    open = undefined;
  };
  for (const piece of outcome.pieces) {
    if (isConflict(piece)) {
      if (!open) {
        const start = out.lastIndexOf('\n') + 1;
        const prefix = out.slice(start);
        out = out.slice(0, start);
        open = { base: prefix, ours: prefix, theirs: prefix, label: labelOf(piece) };
      }
      open.base += piece.base;
      open.ours += piece.ours;
      open.theirs += piece.theirs;
      if (endsLine(open)) close();
    } else if (open) {
      const end = piece.indexOf('\n') + 1;
      const shared = end === 0 ? piece : piece.slice(0, end);
      open.base += shared;
      open.ours += shared;
      open.theirs += shared;
      if (end === 0) continue;
      close();
      out += piece.slice(end);
    } else out += piece;
  }
  close();
  return out;
}

/** Git's markers with the reason why they are left. */
export function labelled(text: string, reason: string): string {
  return text.replaceAll(/^(<{7} ours)(?=\r?$)/gm, (_, marker: string) => `${marker} (${short(reason)})`);
}

function short(label: string): string {
  return label.replace(/\s+/g, ' ').slice(0, 120);
}

function labelOf(conflict: Conflict): string {
  return conflict.entity === undefined ? conflict.cause : `${conflict.entity}: ${conflict.cause}`;
}

function endsLine({ base, ours, theirs }: Block): boolean {
  return [base, ours, theirs].every((text) => text === '' || text.endsWith('\n'));
}

function blockText(block: Block): string {
  const ours = linesOf(block.ours);
  const base = linesOf(block.base);
  const theirs = linesOf(block.theirs);
  let start = 0;
  while (start < ours.length && ours[start] === base[start] && ours[start] === theirs[start]) start++;
  let end = 0;
  const shortest = Math.min(ours.length, base.length, theirs.length) - start;
  while (end < shortest && ours.at(-1 - end) === base.at(-1 - end) && ours.at(-1 - end) === theirs.at(-1 - end)) end++;
  const middle = (lines: readonly string[]): string => ended(lines.slice(start, lines.length - end).join(''));
  const before = ours.slice(0, start).join('');
  const after = ours.slice(ours.length - end).join('');
  return [
    before,
    `<<<<<<< ours (${short(block.label)})\n${middle(ours)}`,
    `||||||| base\n${middle(base)}`,
    `=======\n${middle(theirs)}`,
    `>>>>>>> theirs\n${after}`,
  ].join('');
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
