import { Bytes } from '../../sdk/assembly/host';

/** Horspool's search (Practical fast searching in strings, 1980): looks at the last byte of the window first and jumps. */
export class Literal {
  private jumps: StaticArray<i32> = new StaticArray<i32>(256);

  constructor(private pattern: Bytes) {
    const last = pattern.length - 1;
    for (let i = 0; i < 256; i++) this.jumps[i] = pattern.length;
    for (let i = 0; i < last; i++) this.jumps[pattern.at(i)] = last - i;
  }

  /** Start and end of each match, one after the other, not overlapping. */
  findAll(text: Bytes): Uint32Array {
    const found: u32[] = [];
    const size = this.pattern.length;
    const final = this.pattern.at(size - 1);
    const jumps = this.jumps;
    const end = text.ptr + text.length;
    let window = text.ptr + size - 1;
    while (window < end) {
      const c = load<u8>(window);
      if (c == final && memory.compare(window - size + 1, this.pattern.ptr, <usize>(size - 1)) == 0) {
        found.push(<u32>(window - text.ptr - size + 1));
        found.push(<u32>(window - text.ptr + 1));
        window += size;
      } else window += unchecked(jumps[c]);
    }
    const pairs = new Uint32Array(found.length);
    for (let i = 0; i < found.length; i++) pairs[i] = found[i];
    return pairs;
  }
}
