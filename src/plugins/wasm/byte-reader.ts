/** Thrown for bytes that no valid module contains; `admit` turns it into a refusal. */
export class MalformedModule extends Error {}

/** Thrown for what is valid WebAssembly but not on the list of allowed features. */
export class FeatureRefused extends Error {
  readonly feature: string;

  constructor(feature: string) {
    super(`feature ${feature}`);
    this.feature = feature;
  }
}

/** Reads the binary format: LEB128 numbers, names, vectors. Bounds are checked at every step. */
export class ByteReader {
  readonly bytes: Uint8Array;
  pos: number;
  readonly end: number;

  constructor(bytes: Uint8Array, pos = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  get done(): boolean {
    return this.pos >= this.end;
  }

  u8(): number {
    if (this.pos >= this.end) throw new MalformedModule(`ends early at byte ${this.pos}`);
    // The cast is true: pos < end <= bytes.length.
    return this.bytes[this.pos++] as number;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new MalformedModule(`number too long at byte ${this.pos}`);
  }

  /** Steps over a signed or unsigned LEB128 of at most `maxBytes` bytes. */
  skipLeb(maxBytes: number): void {
    for (let i = 0; i < maxBytes; i++) if (this.u8() < 0x80) return;
    throw new MalformedModule(`number too long at byte ${this.pos}`);
  }

  skip(count: number): void {
    if (count > this.end - this.pos) throw new MalformedModule(`ends early at byte ${this.pos}`);
    this.pos += count;
  }

  take(count: number): Uint8Array {
    const from = this.pos;
    this.skip(count);
    return this.bytes.subarray(from, this.pos);
  }

  name(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.take(this.u32()));
  }

  vector<T>(limit: number, what: string, item: () => T): T[] {
    const count = this.u32();
    if (count > limit) throw new FeatureRefused(`more than ${limit} ${what}`);
    return Array.from({ length: count }, item);
  }
}
