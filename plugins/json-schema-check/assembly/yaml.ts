import { Bytes } from '../../sdk/assembly/host';
import { ARRAY, BOOL, NULL, NUMBER, OBJECT, STRING, Value } from '../../sdk/assembly/json';

const MOST_DEPTH: i32 = 200;
const SPACE: i32 = 32;
const HASH: i32 = 35;
const COLON: i32 = 58;
const DASH: i32 = 45;

/**
 * The part of YAML 1.2 that configuration files use: block and flow collections, plain, quoted and block scalars,
 * comments, one document, the core schema. Anchors, aliases, tags, directives and complex keys are refused with their place.
 */
export class YamlReader {
  fault: string = '';
  at: i32 = 0;

  constructor(private text: Bytes) {
    if (text.length >= 3 && text.at(0) == 0xef && text.at(1) == 0xbb && text.at(2) == 0xbf) this.at = 3;
  }

  /** Null when the text is not accepted: then `fault` says why and `at` where. */
  parse(): Value | null {
    this.skipBlank();
    if (this.marker('---')) {
      this.at += 3;
      this.skipBlank();
    }
    if (this.peek() < 0 || this.marker('...')) return new Value(NULL, this.at);
    const value = this.block(-1, 0);
    if (value === null) return null;
    this.skipBlank();
    if (this.marker('...')) {
      this.at += 3;
      this.skipBlank();
    }
    if (this.marker('---')) return this.fail('more than one document');
    return this.peek() < 0 ? value : this.fail('not expected here; is the indentation right?');
  }

  private fail(why: string): Value | null {
    if (this.fault == '') this.fault = why;
    return null;
  }

  private peek(ahead: i32 = 0): i32 {
    return this.at + ahead < this.text.length ? <i32>this.text.at(this.at + ahead) : -1;
  }

  private marker(word: string): bool {
    if (this.column() != 0) return false;
    for (let i = 0; i < 3; i++) if (this.peek(i) != word.charCodeAt(i)) return false;
    return blankOrEnd(this.peek(3));
  }

  private column(): i32 {
    let start = this.at;
    while (start > 0 && this.text.at(start - 1) != 10) start--;
    if (start == 0 && this.text.length >= 3 && this.text.at(0) == 0xef) start = 3;
    return this.at - start;
  }

  /** Over spaces, line ends and comments. */
  private skipBlank(): void {
    while (true) {
      const c = this.peek();
      if (c == SPACE || c == 10 || c == 13 || c == 9) this.at++;
      else if (c == HASH && (this.at == 0 || blankOrEnd(<i32>this.text.at(this.at - 1)) || this.at == 3)) this.skipLine();
      else return;
    }
  }

  private skipLine(): void {
    while (this.peek() >= 0 && this.peek() != 10) this.at++;
  }

  /** Over spaces and a comment; true at the end of the line. */
  private restIsBlank(): bool {
    while (this.peek() == SPACE || this.peek() == 9) this.at++;
    if (this.peek() == HASH && blankOrEnd(<i32>this.text.at(this.at - 1))) this.skipLine();
    return this.peek() < 0 || this.peek() == 10 || this.peek() == 13;
  }

  /** A node that must stand deeper than `parent`. */
  private block(parent: i32, depth: i32): Value | null {
    if (depth > MOST_DEPTH) return this.fail('nested too deep');
    const indent = this.column();
    if (indent <= parent) return new Value(NULL, this.at);
    const c = this.peek();
    if (c == DASH && blankOrEnd(this.peek(1))) return this.sequence(indent, depth);
    if (c == 63 && blankOrEnd(this.peek(1))) return this.fail('complex keys are not accepted');
    if (this.keyAhead()) return this.mapping(indent, depth);
    return this.scalar(parent, depth);
  }

  private sequence(indent: i32, depth: i32): Value | null {
    const value = new Value(ARRAY, this.at);
    while (this.column() == indent && this.peek() == DASH && blankOrEnd(this.peek(1)) && !this.marker('---')) {
      this.at++;
      const item = this.content(indent, depth, false);
      if (item === null) return null;
      value.items.push(item);
      this.skipBlank();
    }
    return value;
  }

  private mapping(indent: i32, depth: i32): Value | null {
    const value = new Value(OBJECT, this.at);
    while (this.peek() >= 0 && this.column() == indent && !this.marker('---') && !this.marker('...')) {
      if (!this.keyAhead()) return this.fail('a key with a colon was expected');
      const key = this.key();
      if (key === null) return null;
      if (value.keys.includes(key.text)) return this.fail('the key comes twice: ' + key.text);
      while (this.peek() == SPACE) this.at++;
      this.at++; // the colon, which keyAhead saw
      const item = this.content(indent, depth, true);
      if (item === null) return null;
      value.keys.push(key.text);
      value.items.push(item);
      this.skipBlank();
    }
    return value;
  }

  /** What follows a dash or a colon: on the same line, or deeper on the next ones. */
  private content(indent: i32, depth: i32, ofKey: bool): Value | null {
    const start = this.at;
    if (!this.restIsBlank()) {
      const c = this.peek();
      if (c == 124 || c == 62) return this.blockScalar(indent, c == 62);
      if (ofKey) return this.scalar(indent, depth + 1);
      return this.block(indent, depth + 1);
    }
    this.skipBlank();
    const column = this.column();
    if (this.peek() < 0 || this.marker('---') || this.marker('...')) return new Value(NULL, start);
    // A sequence may stand at the column of its key.
    if (ofKey && column == indent && this.peek() == DASH && blankOrEnd(this.peek(1))) return this.sequence(indent, depth + 1);
    if (column <= indent) return new Value(NULL, start);
    return this.block(indent, depth + 1);
  }

  /** Looks on this line for `key:` outside quotes and flow collections. */
  private keyAhead(): bool {
    let i = this.at;
    const first = this.peek();
    if (first == 91 || first == 123) return false;
    if (first == 34 || first == 39) {
      i++;
      while (i < this.text.length && this.text.at(i) != first && this.text.at(i) != 10) i += first == 34 && this.text.at(i) == 92 ? 2 : 1;
      i++;
      while (i < this.text.length && this.text.at(i) == SPACE) i++;
      return i < this.text.length && this.text.at(i) == COLON && (i + 1 >= this.text.length || blankOrEnd(this.text.at(i + 1)));
    }
    for (; i < this.text.length && this.text.at(i) != 10; i++) {
      if (this.text.at(i) == HASH && i > this.at && this.text.at(i - 1) == SPACE) return false;
      if (this.text.at(i) == COLON && (i + 1 >= this.text.length || blankOrEnd(this.text.at(i + 1)))) return true;
    }
    return false;
  }

  private key(): Value | null {
    const c = this.peek();
    if (c == 34 || c == 39) return this.quoted();
    if (refused(c)) return this.fail('anchors, aliases, tags and directives are not accepted');
    const key = new Value(STRING, this.at);
    const start = this.at;
    while (!(this.peek() == COLON && blankOrEnd(this.peek(1)))) this.at++;
    key.text = this.text.slice(start, this.at).text().trimEnd();
    return key;
  }

  private scalar(parent: i32, depth: i32): Value | null {
    const c = this.peek();
    let value: Value | null = null;
    if (refused(c)) return this.fail('anchors, aliases, tags and directives are not accepted');
    if (c == 124 || c == 62) return this.blockScalar(parent, c == 62);
    if (c == 34 || c == 39) value = this.quoted();
    else if (c == 91 || c == 123) value = this.flow(depth + 1);
    else return this.plain(parent);
    if (value === null) return null;
    return this.restIsBlank() ? value : this.fail('something after the end of the value');
  }

  /** Plain text goes on over deeper lines; line ends become spaces. */
  private plain(parent: i32): Value | null {
    const start = this.at;
    let text = this.plainLine();
    while (true) {
      const end = this.at;
      this.skipBlank();
      if (this.peek() < 0 || this.column() <= parent || this.keyAhead() || this.at == end || this.sawComment(end)) {
        this.at = end;
        break;
      }
      text += ' ' + this.plainLine();
    }
    return typed(text, start);
  }

  private sawComment(from: i32): bool {
    for (let i = from; i < this.at; i++) if (this.text.at(i) == HASH) return true;
    return false;
  }

  private plainLine(): string {
    const start = this.at;
    while (this.peek() >= 0 && this.peek() != 10 && this.peek() != 13) {
      if (this.peek() == HASH && this.at > start && this.text.at(this.at - 1) == SPACE) break;
      this.at++;
    }
    return this.text.slice(start, this.at).text().trim();
  }

  private quoted(): Value | null {
    const value = new Value(STRING, this.at);
    const quote = this.peek();
    this.at++;
    let text = '';
    let start = this.at;
    while (true) {
      const c = this.peek();
      if (c < 0) return this.fail('the string does not end');
      if (c == quote) {
        text += this.text.slice(start, this.at).text();
        this.at++;
        if (quote == 34 || this.peek() != 39) break;
        start = this.at++; // '' stands for one quote
      } else if (c == 92 && quote == 34) {
        text += this.text.slice(start, this.at).text();
        this.at++;
        const piece = this.escape();
        if (piece === null) return this.fail('an unknown escape in a string');
        text += piece;
        start = this.at;
      } else if (c == 10) {
        text += this.text.slice(start, this.at).text().trimEnd();
        let lines = 0;
        while (this.peek() == SPACE || this.peek() == 10 || this.peek() == 13 || this.peek() == 9) {
          if (this.peek() == 10) lines++;
          this.at++;
        }
        text += lines > 1 ? '\n'.repeat(lines - 1) : ' ';
        start = this.at;
      } else this.at++;
    }
    value.text = text;
    return value;
  }

  private escape(): string | null {
    const c = this.peek();
    this.at++;
    const names = '0abtnvfre "/\\N_LP';
    const codes: i32[] = [0, 7, 8, 9, 10, 11, 12, 13, 27, 32, 34, 47, 92, 0x85, 0xa0, 0x2028, 0x2029];
    const at = names.indexOf(String.fromCharCode(c));
    if (at >= 0) return String.fromCharCode(codes[at]);
    const digits = c == 120 ? 2 : c == 117 ? 4 : c == 85 ? 8 : 0;
    if (digits == 0 || this.at + digits > this.text.length) return null;
    const code = parseInt(this.text.slice(this.at, this.at + digits).text(), 16);
    this.at += digits;
    return isNaN(code) || code > 0x10ffff ? null : String.fromCodePoint(<i32>code);
  }

  /** `|` keeps line ends, `>` folds them; `-` drops the last, `+` keeps all. */
  private blockScalar(parent: i32, folded: bool): Value | null {
    const value = new Value(STRING, this.at);
    this.at++;
    const chomp = this.peek();
    if (chomp == DASH || chomp == 43) this.at++;
    if (!this.restIsBlank()) return this.fail('indentation indicators are not accepted');
    this.skipLine();
    this.at = min(this.at + 1, this.text.length);
    let indent = -1;
    let text = '';
    let pending = 0;
    while (this.at < this.text.length) {
      let spaces = 0;
      while (this.peek(spaces) == SPACE) spaces++;
      const blank = this.peek(spaces) == 10 || this.peek(spaces) == 13 || this.peek(spaces) < 0;
      if (!blank && indent < 0) indent = spaces;
      if (!blank && (spaces < indent || indent <= parent)) break;
      const from = min(this.at + max(indent, 0), this.text.length);
      this.skipLine();
      if (blank) pending++;
      else {
        const line = this.text.slice(from, this.at).text();
        const more = line.startsWith(' ');
        if (text != '') text += folded && pending == 0 && !more ? ' ' : '\n'.repeat(folded && !more ? max(pending, 1) : pending + 1);
        else text += '\n'.repeat(pending);
        text += line.endsWith('\r') ? line.substring(0, line.length - 1) : line;
        pending = 0;
      }
      this.at = min(this.at + 1, this.text.length);
    }
    if (text != '' && chomp != DASH) text += '\n'.repeat(chomp == 43 ? pending + 1 : 1);
    value.text = text;
    return value;
  }

  private flow(depth: i32): Value | null {
    if (depth > MOST_DEPTH) return this.fail('nested too deep');
    this.skipBlank();
    const c = this.peek();
    if (c == 34 || c == 39) return this.quoted();
    if (refused(c)) return this.fail('anchors, aliases, tags and directives are not accepted');
    if (c != 91 && c != 123) return this.flowPlain();
    const value = new Value(c == 91 ? ARRAY : OBJECT, this.at);
    const close = c == 91 ? 93 : 125;
    this.at++;
    while (true) {
      this.skipBlank();
      if (this.peek() == close) break;
      const item = this.flow(depth + 1);
      if (item === null) return null;
      this.skipBlank();
      if (value.kind == ARRAY) value.items.push(item);
      else {
        if (this.peek() != COLON || item.start == this.at) return this.fail('a colon was expected');
        this.at++;
        const name = this.text.slice(item.start, this.at - 1).text().trim();
        const key = item.kind == STRING ? item.text : name;
        if (value.keys.includes(key)) return this.fail('the key comes twice: ' + key);
        const member = this.flow(depth + 1);
        if (member === null) return null;
        value.keys.push(key);
        value.items.push(member);
        this.skipBlank();
      }
      if (this.peek() == 44) this.at++;
      else if (this.peek() != close) return this.fail('a comma or the end of the collection was expected');
    }
    this.at++;
    return value;
  }

  private flowPlain(): Value | null {
    const start = this.at;
    while (true) {
      const c = this.peek();
      if (c < 0 || c == 44 || c == 91 || c == 93 || c == 123 || c == 125 || c == 10) break;
      if (c == COLON && (blankOrEnd(this.peek(1)) || this.peek(1) == 44 || this.peek(1) == 125)) break;
      if (c == HASH && this.text.at(this.at - 1) == SPACE) break;
      this.at++;
    }
    return typed(this.text.slice(start, this.at).text().trim(), start);
  }
}

function blankOrEnd(c: i32): bool {
  return c < 0 || c == SPACE || c == 10 || c == 13 || c == 9;
}

/** & * ! % @ ` begin what is not read here. */
function refused(c: i32): bool {
  return c == 38 || c == 42 || c == 33 || c == 37 || c == 64 || c == 96;
}

/** The core schema of YAML 1.2 (section 10.3.2). */
function typed(text: string, start: i32): Value {
  if (text == '' || text == '~' || text == 'null' || text == 'Null' || text == 'NULL') return new Value(NULL, start);
  const truth = text == 'true' || text == 'True' || text == 'TRUE';
  if (truth || text == 'false' || text == 'False' || text == 'FALSE') {
    const value = new Value(BOOL, start);
    value.bool = truth;
    return value;
  }
  if (isNumber(text)) {
    const value = new Value(NUMBER, start);
    value.number = text.startsWith('0x') ? parseInt(text, 16) : text.startsWith('0o') ? parseInt(text.substring(2), 8) : parseFloat(text);
    return value;
  }
  const value = new Value(STRING, start);
  value.text = text;
  return value;
}

function isNumber(text: string): bool {
  if (text.startsWith('0x') || text.startsWith('0o')) {
    for (let i = 2; i < text.length; i++) {
      const c = text.charCodeAt(i) | 32;
      const hex = text.charCodeAt(1) == 120 && c >= 97 && c <= 102;
      if (!hex && (text.charCodeAt(i) < 48 || text.charCodeAt(i) > (text.charCodeAt(1) == 120 ? 57 : 55))) return false;
    }
    return text.length > 2;
  }
  let i = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  let digits = 0;
  for (; i < text.length && text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57; i++) digits++;
  if (i < text.length && text.charCodeAt(i) == 46) for (i++; i < text.length && text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57; i++) digits++;
  if (digits == 0) return false;
  if (i < text.length && (text.charCodeAt(i) | 32) == 101) {
    i++;
    if (i < text.length && (text.charCodeAt(i) == 43 || text.charCodeAt(i) == 45)) i++;
    if (i == text.length) return false;
    for (; i < text.length; i++) if (text.charCodeAt(i) < 48 || text.charCodeAt(i) > 57) return false;
  }
  return i == text.length;
}
