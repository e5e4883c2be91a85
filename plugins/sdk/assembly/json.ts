import { Bytes } from './host';

export const NULL: i32 = 0;
export const BOOL: i32 = 1;
export const NUMBER: i32 = 2;
export const STRING: i32 = 3;
export const ARRAY: i32 = 4;
export const OBJECT: i32 = 5;

/** A JSON value that knows where in the text it stands. */
export class Value {
  bool: bool = false;
  number: f64 = 0;
  text: string = '';
  items: Value[] = [];
  keys: string[] = [];
  /** For whoever walks the tree to note something about this value. */
  note: i32 = -1;

  constructor(
    public kind: i32,
    public start: i32,
  ) {}

  /** Member of an object; null when absent or when this is no object. */
  get(name: string): Value | null {
    if (this.kind != OBJECT) return null;
    for (let i = 0; i < this.keys.length; i++) if (this.keys[i] == name) return this.items[i];
    return null;
  }

  textOf(name: string, otherwise: string): string {
    const value = this.get(name);
    return value !== null && value.kind == STRING ? value.text : otherwise;
  }

  numberOf(name: string, otherwise: f64): f64 {
    const value = this.get(name);
    return value !== null && value.kind == NUMBER ? value.number : otherwise;
  }

  boolOf(name: string, otherwise: bool): bool {
    const value = this.get(name);
    return value !== null && value.kind == BOOL ? value.bool : otherwise;
  }
}

const MOST_DEPTH: i32 = 256;

/** Reads JSON (RFC 8259). After `parse` gave null, `fault` and `at` say what was wrong and where. */
export class JsonReader {
  fault: string = '';
  at: i32 = 0;

  constructor(private text: Bytes) {}

  parse(): Value | null {
    if (this.text.length >= 3 && this.peek() == 0xef) this.at = 3; // byte order mark
    const value = this.value(0);
    if (value === null) return null;
    this.blank();
    return this.at < this.text.length ? this.fail('something after the end of the value') : value;
  }

  private fail(why: string): Value | null {
    if (this.fault == '') this.fault = why;
    return null;
  }

  private peek(): i32 {
    return this.at < this.text.length ? <i32>this.text.at(this.at) : -1;
  }

  private blank(): void {
    for (;;) {
      const c = this.peek();
      if (c != 32 && c != 10 && c != 13 && c != 9) return;
      this.at++;
    }
  }

  private eat(c: i32): bool {
    if (this.peek() != c) return false;
    this.at++;
    return true;
  }

  private value(depth: i32): Value | null {
    if (depth > MOST_DEPTH) return this.fail('nested too deep');
    this.blank();
    const start = this.at;
    const c = this.peek();
    if (c == 123) return this.object(depth);
    if (c == 91) return this.array(depth);
    if (c == 34) return this.string();
    if (this.word('true') || this.word('false')) {
      const value = new Value(BOOL, start);
      value.bool = c == 116;
      return value;
    }
    if (this.word('null')) return new Value(NULL, start);
    return this.number();
  }

  private word(word: string): bool {
    for (let i = 0; i < word.length; i++) {
      if (this.at + i >= this.text.length || this.text.at(this.at + i) != word.charCodeAt(i)) return false;
    }
    this.at += word.length;
    return true;
  }

  private digits(): bool {
    const start = this.at;
    while (this.peek() >= 48 && this.peek() <= 57) this.at++;
    return this.at > start;
  }

  private number(): Value | null {
    const start = this.at;
    this.eat(45);
    if (!this.eat(48) && !this.digits()) return this.fail('a value was expected');
    if (this.eat(46) && !this.digits()) return this.fail('digits were expected after the point');
    if (this.eat(101) || this.eat(69)) {
      if (!this.eat(43)) this.eat(45);
      if (!this.digits()) return this.fail('digits were expected in the exponent');
    }
    const value = new Value(NUMBER, start);
    value.number = F64.parseFloat(this.text.slice(start, this.at).text());
    return value;
  }

  private string(): Value | null {
    const value = new Value(STRING, this.at);
    this.at++;
    let plain = this.at;
    let text = '';
    for (;;) {
      const c = this.peek();
      if (c < 32) return this.fail(c < 0 ? 'the string does not end' : 'a control character in a string');
      if (c == 34 || c == 92) {
        text += this.text.slice(plain, this.at).text();
        this.at++;
        if (c == 34) break;
        const code = this.escape();
        if (code < 0) return this.fail('an unknown escape in a string');
        text += String.fromCharCode(code);
        plain = this.at;
      } else this.at++;
    }
    value.text = text;
    return value;
  }

  private escape(): i32 {
    const c = this.peek();
    this.at++;
    if (c == 34 || c == 92 || c == 47) return c;
    if (c == 98) return 8;
    if (c == 102) return 12;
    if (c == 110) return 10;
    if (c == 114) return 13;
    if (c == 116) return 9;
    if (c != 117) return -1;
    let code = 0;
    for (let i = 0; i < 4; i++) {
      const h = this.peek();
      const digit = h >= 48 && h <= 57 ? h - 48 : h >= 97 && h <= 102 ? h - 87 : h >= 65 && h <= 70 ? h - 55 : -1;
      if (digit < 0) return -1;
      code = code * 16 + digit;
      this.at++;
    }
    return code;
  }

  private array(depth: i32): Value | null {
    const value = new Value(ARRAY, this.at);
    this.at++;
    this.blank();
    if (this.eat(93)) return value;
    do {
      const item = this.value(depth + 1);
      if (item === null) return null;
      value.items.push(item);
      this.blank();
    } while (this.eat(44));
    return this.eat(93) ? value : this.fail('a comma or the end of the array was expected');
  }

  private object(depth: i32): Value | null {
    const value = new Value(OBJECT, this.at);
    this.at++;
    this.blank();
    if (this.eat(125)) return value;
    do {
      this.blank();
      if (this.peek() != 34) return this.fail('a name was expected');
      const name = this.string();
      if (name === null) return null;
      if (value.keys.includes(name.text)) return this.fail('the name comes twice: ' + name.text);
      this.blank();
      if (!this.eat(58)) return this.fail('a colon was expected');
      const item = this.value(depth + 1);
      if (item === null) return null;
      value.keys.push(name.text);
      value.items.push(item);
      this.blank();
    } while (this.eat(44));
    return this.eat(125) ? value : this.fail('a comma or the end of the object was expected');
  }
}

export function parseJson(text: Bytes): Value | null {
  return new JsonReader(text).parse();
}
