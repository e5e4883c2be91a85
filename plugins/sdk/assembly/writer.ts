import { Bytes } from './host';

/** Writes JSON into a growing buffer. Commas are the writer's business, nesting the caller's. */
export class JsonWriter {
  private ptr: usize = heap.alloc(65536);
  private capacity: i32 = 65536;
  private length: i32 = 0;
  private fresh: bool = true;

  private room(more: i32): void {
    if (this.length + more <= this.capacity) return;
    const capacity = max(this.capacity * 2, this.length + more);
    const wider = heap.alloc(<usize>capacity);
    memory.copy(wider, this.ptr, <usize>this.length);
    this.ptr = wider;
    this.capacity = capacity;
  }

  private byte(value: u8): void {
    this.room(1);
    store<u8>(this.ptr + this.length++, value);
  }

  private ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(<u8>text.charCodeAt(i));
  }

  private comma(): void {
    if (!this.fresh) this.byte(44);
    this.fresh = false;
  }

  open(bracket: string): JsonWriter {
    this.comma();
    this.ascii(bracket);
    this.fresh = true;
    return this;
  }

  close(bracket: string): JsonWriter {
    this.ascii(bracket);
    this.fresh = false;
    return this;
  }

  name(name: string): JsonWriter {
    this.comma();
    this.byte(34);
    this.ascii(name);
    this.byte(34);
    this.byte(58);
    this.fresh = true;
    return this;
  }

  number(value: f64): JsonWriter {
    this.comma();
    this.ascii(value == Math.floor(value) && Math.abs(value) < 1e15 ? (<i64>value).toString() : value.toString());
    return this;
  }

  bool(value: bool): JsonWriter {
    this.comma();
    this.ascii(value ? 'true' : 'false');
    return this;
  }

  text(value: string): JsonWriter {
    return this.bytes(Bytes.of(value));
  }

  /** A string from UTF-8; what is not UTF-8 becomes question marks. */
  bytes(value: Bytes): JsonWriter {
    this.comma();
    this.byte(34);
    for (let i = 0; i < value.length; ) {
      const size = characterSize(value, i);
      if (size == 0) {
        this.byte(63);
        i++;
      } else if (size == 1) this.escaped(value.at(i++));
      else for (let end = i + size; i < end; i++) this.byte(value.at(i));
    }
    this.byte(34);
    return this;
  }

  private escaped(c: u8): void {
    if (c == 34 || c == 92) {
      this.byte(92);
      this.byte(c);
    } else if (c == 10) this.ascii('\\n');
    else if (c == 13) this.ascii('\\r');
    else if (c == 9) this.ascii('\\t');
    else if (c < 32) {
      this.ascii('\\u00');
      this.ascii((c >> 4).toString());
      this.ascii('0123456789abcdef'.charAt(c & 15));
    } else this.byte(c);
  }

  done(): Bytes {
    return new Bytes(this.ptr, this.length);
  }
}

/** Bytes of the UTF-8 character at `i` (RFC 3629: shortest form, no surrogates); 0 when there is none. */
function characterSize(text: Bytes, i: i32): i32 {
  const c = text.at(i);
  if (c < 0x80) return 1;
  const size = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
  if (size == 0 || i + size > text.length) return 0;
  const second = text.at(i + 1);
  if (c == 0xe0 && second < 0xa0) return 0;
  if (c == 0xed && second > 0x9f) return 0;
  if (c == 0xf0 && second < 0x90) return 0;
  if (c == 0xf4 && second > 0x8f) return 0;
  for (let k = 1; k < size; k++) if ((text.at(i + k) & 0xc0) != 0x80) return 0;
  return size;
}
