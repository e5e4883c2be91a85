import { isMaestroError } from '#kernel/error.ts';

/** Undefined for bytes that are not UTF-8 text. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What the model is told of a fault that it can do something about; other faults are thrown on. */
export function faultText(fault: unknown): string {
  if (isMaestroError(fault)) return `${fault.message}; ${fault.cure}`;
  throw fault;
}

/** Beginning and end of a long text; the middle is left out, and said so. */
export function capped(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  return `${text.slice(0, half)}\n... (${text.length - 2 * half} characters left out) ...\n${text.slice(-half)}`;
}
