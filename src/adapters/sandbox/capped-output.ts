import type { Readable } from 'node:stream';

/** What a stream printed, kept up to a limit; what comes after is read and dropped, so that the writer never blocks. */
export interface CappedOutput {
  readonly truncated: boolean;
  /** As UTF-8; bytes that are not become U+FFFD, and a letter cut at the limit is left out. */
  text(): string;
}

export function capOutput(stream: Readable, limitBytes: number): CappedOutput {
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
    text: () => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks), { stream: truncated }),
  };
}
