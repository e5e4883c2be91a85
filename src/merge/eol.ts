import type { ConflictedFile } from './ports.ts';
import { each } from './tree/three.ts';

/** How the merged text ends its lines and whether it starts with a byte order mark. */
export interface TextForm {
  readonly crlf: boolean;
  readonly bom: boolean;
}

/** The three texts with plain line ends and without byte order marks, and the form that the merge gets back. */
export interface PlainTexts {
  readonly file: ConflictedFile;
  readonly form: TextForm;
}

/** Takes the form off; a side that changed it decides it. */
export function plain(file: ConflictedFile): PlainTexts {
  const { base, ours, theirs } = each({ base: file.base, ours: file.ours, theirs: file.theirs }, formOf);
  const choose = (key: keyof TextForm): boolean => (ours[key] === base[key] ? theirs[key] : ours[key]);
  return {
    file: { path: file.path, base: strip(file.base), ours: strip(file.ours), theirs: strip(file.theirs) },
    form: { crlf: choose('crlf'), bom: choose('bom') },
  };
}

/** Puts the form back on. */
export function formed(text: string, form: TextForm): string {
  const lines = form.crlf ? text.replaceAll('\n', '\r\n') : text;
  return form.bom ? `\uFEFF${lines}` : lines;
}

function formOf(text: string): TextForm {
  return { crlf: /\r\n/.test(text) && !/(^|[^\r])\n/.test(text), bom: text.startsWith('\uFEFF') };
}

/** A text that mixes line ends keeps its single carriage returns: they are content. */
function strip(text: string): string {
  const { crlf, bom } = formOf(text);
  const body = bom ? text.slice(1) : text;
  return crlf ? body.replaceAll('\r\n', '\n') : body;
}
