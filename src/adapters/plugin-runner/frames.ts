/** One message between host and runner: a small JSON head and raw bytes behind it. */
export interface Frame {
  readonly head: { readonly [name: string]: unknown };
  readonly bytes: Uint8Array;
}

const MOST_HEAD = 4 * 1024 * 1024;
const MOST_BYTES = 128 * 1024 * 1024;

/** The frame without head and bytes, read in one system call: what was announced is there now. */
export const SIGNAL: Uint8Array = new Uint8Array(8);

/** Two little-endian u32 lengths, the head, the bytes; as one part where there are no bytes, so that one write sends it. */
export function encodeFrame(head: Frame['head'], bytes: Uint8Array = new Uint8Array()): readonly Uint8Array[] {
  const text = JSON.stringify(head);
  const headLength = Buffer.byteLength(text);
  const first = Buffer.allocUnsafe(8 + headLength);
  first.writeUInt32LE(headLength, 0);
  first.writeUInt32LE(bytes.length, 4);
  first.write(text, 8);
  return bytes.length === 0 ? [first] : [first, bytes];
}

/** Puts chunks together again; calls `onFrame` for each whole frame, whose bytes own their buffer. Throws on impossible lengths. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Uint8Array) => void {
  let target = Buffer.alloc(8);
  let filled = 0;
  let stage: 'lengths' | 'body' = 'lengths';
  let headLength = 0;
  return (chunk) => {
    let from = 0;
    while (from < chunk.length || (stage === 'body' && filled === target.length)) {
      const count = Math.min(target.length - filled, chunk.length - from);
      target.set(chunk.subarray(from, from + count), filled);
      filled += count;
      from += count;
      if (filled < target.length) return;
      if (stage === 'lengths') {
        headLength = target.readUInt32LE(0);
        const bytesLength = target.readUInt32LE(4);
        if (headLength > MOST_HEAD || bytesLength > MOST_BYTES) throw new RangeError('frame too long');
        target = Buffer.from(new ArrayBuffer(headLength + bytesLength));
        stage = 'body';
      } else {
        const head: unknown = headLength === 0 ? {} : JSON.parse(target.toString('utf8', 0, headLength));
        // A copy, so that the bytes begin at zero of a buffer that can be transferred.
        const bytes = new Uint8Array(target.subarray(headLength));
        target = Buffer.alloc(8);
        stage = 'lengths';
        // The cast is checked by the receivers, which read each field as unknown.
        onFrame({ head: head as Frame['head'], bytes });
      }
      filled = 0;
    }
  };
}
