/** One message between host and runner: a small JSON head and raw bytes behind it. */
export interface Frame {
  readonly head: { readonly [name: string]: unknown };
  readonly bytes: Uint8Array;
}

const MOST_HEAD = 4 * 1024 * 1024;
const MOST_BYTES = 128 * 1024 * 1024;

/** Two little-endian u32 lengths, the head, the bytes. */
export function encodeFrame(head: Frame['head'], bytes: Uint8Array = new Uint8Array()): readonly Uint8Array[] {
  const text = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(text.length, 0);
  lengths.writeUInt32LE(bytes.length, 4);
  return [Buffer.concat([lengths, text]), bytes];
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
        const head: unknown = JSON.parse(target.toString('utf8', 0, headLength));
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
