import type { Readable } from 'node:stream';

/** What a stream printed, kept up to a limit; the rest is read and dropped, so that the writer never blocks. */
export interface CappedOutput {
  readonly truncated: boolean;
  /** As UTF-8; bytes that are not become U+FFFD, and a letter cut at the limit is left out. */
  text(): string;
}

/** Keeps the first bytes up to the limit, or the last ones. */
export function capOutput(
  stream: Readable,
  limitBytes: number,
  keeps: 'beginning' | 'end' = 'beginning',
): CappedOutput {
  return keeps === 'beginning' ? beginningOf(stream, limitBytes) : endOf(stream, limitBytes);
}

function beginningOf(stream: Readable, limitBytes: number): CappedOutput {
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  stream.on('data', (chunk: Buffer) => {
    const room = limitBytes - kept;
    if (chunk.length > room) truncated = true;
    if (room <= 0) return;
    const part = chunk.subarray(0, room);
    chunks.push(part);
    kept += part.length;
  });
  return {
    get truncated() {
      return truncated;
    },
    text: () => decode(Buffer.concat(chunks), truncated),
  };
}

function endOf(stream: Readable, limitBytes: number): CappedOutput {
  let chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  /** What is beyond the limit goes, but only once it is as much again: so each byte is copied about once. */
  const shorten = (): Buffer => {
    const all = Buffer.concat(chunks);
    return all.length <= limitBytes ? all : all.subarray(all.length - limitBytes);
  };
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    kept += chunk.length;
    if (kept > limitBytes) truncated = true;
    if (kept < 2 * limitBytes) return;
    chunks = [shorten()];
    kept = limitBytes;
  });
  return {
    get truncated() {
      return truncated;
    },
    text: () => decode(truncated ? fromLetter(shorten()) : shorten(), false),
  };
}

/** Without the rest of a letter at its beginning: at most three bytes that only continue one. */
function fromLetter(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start);
}

function decode(bytes: Buffer, cut: boolean): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: cut });
}
