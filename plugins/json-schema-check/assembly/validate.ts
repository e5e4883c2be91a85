import { Bytes, findText } from '../../sdk/assembly/host';
import { ARRAY, BOOL, NULL, NUMBER, OBJECT, STRING, Value } from '../../sdk/assembly/json';
import { Registry } from './registry';
import { toLinear } from './pattern';

export class Fault {
  constructor(
    public pointer: string,
    public start: i32,
    public keyword: string,
    public message: string,
  ) {}
}

/** Which members or items of one instance some schema has looked at. */
class Seen {
  marks: StaticArray<bool>;

  constructor(instance: Value) {
    this.marks = new StaticArray<bool>(instance.items.length);
  }

  take(other: Seen): void {
    for (let i = 0; i < this.marks.length; i++) if (other.marks[i]) this.marks[i] = true;
  }
}

const MOST_FAULTS: i32 = 1000;
const MOST_DEPTH: i32 = 400;

/** JSON Schema 2020-12, core and validation; `format` is an annotation, as the specification has it by default. */
export class Validator {
  faults: Fault[] = [];
  /** Said once: a reference that leads nowhere, a pattern that is not accepted. */
  broken: string = '';
  private scope: i32[] = [];
  private path: string[] = [];
  private quiet: i32 = 0;
  private depth: i32 = 0;

  constructor(private registry: Registry) {}

  check(schema: Value, instance: Value): bool {
    return this.evaluate(schema, instance, new Seen(instance));
  }

  private fault(keyword: string, instance: Value, message: string): bool {
    if (this.quiet == 0 && this.faults.length < MOST_FAULTS) {
      let pointer = '';
      for (let i = 0; i < this.path.length; i++) pointer += '/' + this.path[i].replaceAll('~', '~0').replaceAll('/', '~1');
      this.faults.push(new Fault(pointer, instance.start, keyword, message));
    }
    return false;
  }

  private tries(schema: Value, instance: Value, seen: Seen): bool {
    this.quiet++;
    const holds = this.evaluate(schema, instance, seen);
    this.quiet--;
    return holds;
  }

  private inside(name: string, schema: Value, instance: Value): bool {
    this.path.push(name);
    const holds = this.evaluate(schema, instance, new Seen(instance));
    this.path.pop();
    return holds;
  }

  private evaluate(schema: Value, instance: Value, seen: Seen): bool {
    if (schema.kind == BOOL) return schema.bool || this.fault('false', instance, 'nothing is allowed here');
    if (schema.kind != OBJECT) return true;
    if (++this.depth > MOST_DEPTH) {
      this.broken = 'schemas nested deeper than ' + MOST_DEPTH.toString();
      this.depth--;
      return false;
    }
    const entered = schema.note >= 0 && (this.scope.length == 0 || this.scope[this.scope.length - 1] != schema.note);
    if (entered) this.scope.push(schema.note);
    const own = new Seen(instance);
    let holds = this.references(schema, instance, own);
    if (this.validates(schema)) holds = this.assertions(schema, instance) && holds;
    holds = this.applicators(schema, instance, own) && holds;
    if (holds) holds = this.unevaluated(schema, instance, own);
    if (holds) seen.take(own);
    if (entered) this.scope.pop();
    this.depth--;
    return holds;
  }

  /** False when the schema's own meta-schema says that the validation vocabulary is not in use. */
  private validates(schema: Value): bool {
    if (schema.note < 0) return true;
    const meta = this.registry.resources[schema.note].root.textOf('$schema', '');
    if (meta == '') return true;
    const found = this.registry.resolve(schema.note, meta);
    if (found === null) return true;
    const vocabulary = found.get('$vocabulary');
    return vocabulary === null || vocabulary.get('https://json-schema.org/draft/2020-12/vocab/validation') !== null;
  }

  private references(schema: Value, instance: Value, own: Seen): bool {
    let holds = true;
    const plain = schema.get('$ref');
    if (plain !== null) holds = this.follow(this.registry.resolve(schema.note, plain.text), plain.text, instance, own);
    const dynamic = schema.get('$dynamicRef');
    if (dynamic !== null) holds = this.follow(this.dynamicTarget(schema.note, dynamic.text), dynamic.text, instance, own) && holds;
    return holds;
  }

  private follow(target: Value | null, reference: string, instance: Value, own: Seen): bool {
    if (target !== null) return this.evaluate(target, instance, own);
    if (this.broken == '') this.broken = 'the reference ' + reference + ' leads nowhere';
    return this.fault('$ref', instance, 'the reference ' + reference + ' leads nowhere');
  }

  /** Core, section 8.2.3.2: the outermost resource of the dynamic scope that has the anchor, if the plain target has it too. */
  private dynamicTarget(from: i32, reference: string): Value | null {
    const plain = this.registry.resolve(from, reference);
    const hash = reference.indexOf('#');
    const name = hash < 0 ? '' : reference.substring(hash + 1);
    if (plain === null || name == '' || plain.textOf('$dynamicAnchor', '') != name) return plain;
    for (let i = 0; i < this.scope.length; i++) {
      const resource = this.registry.resources[this.scope[i]];
      if (resource.dynamic.has(name)) return resource.dynamic.get(name);
    }
    return plain;
  }

  private applicators(schema: Value, instance: Value, own: Seen): bool {
    let holds = this.combined(schema, instance, own);
    if (instance.kind == OBJECT) holds = this.members(schema, instance, own) && holds;
    if (instance.kind == ARRAY) holds = this.elements(schema, instance, own) && holds;
    return holds;
  }

  private combined(schema: Value, instance: Value, own: Seen): bool {
    let holds = true;
    const all = schema.get('allOf');
    if (all !== null) for (let i = 0; i < all.items.length; i++) holds = this.evaluate(all.items[i], instance, own) && holds;
    const any = schema.get('anyOf');
    if (any !== null && this.count(any, instance, own) == 0) holds = this.fault('anyOf', instance, 'matches none of the alternatives');
    const one = schema.get('oneOf');
    if (one !== null) {
      const count = this.count(one, instance, own);
      if (count != 1) holds = this.fault('oneOf', instance, 'matches ' + count.toString() + ' alternatives, must match one');
    }
    const not = schema.get('not');
    if (not !== null && this.tries(not, instance, new Seen(instance))) holds = this.fault('not', instance, 'matches what is excluded');
    const condition = schema.get('if');
    if (condition !== null) {
      const branch = schema.get(this.tries(condition, instance, own) ? 'then' : 'else');
      if (branch !== null) holds = this.evaluate(branch, instance, own) && holds;
    }
    return holds;
  }

  private count(list: Value, instance: Value, own: Seen): i32 {
    let count = 0;
    for (let i = 0; i < list.items.length; i++) if (this.tries(list.items[i], instance, own)) count++;
    return count;
  }

  private members(schema: Value, instance: Value, own: Seen): bool {
    let holds = true;
    const properties = schema.get('properties');
    const patterns = schema.get('patternProperties');
    const additional = schema.get('additionalProperties');
    const names = schema.get('propertyNames');
    for (let i = 0; i < instance.keys.length; i++) {
      const key = instance.keys[i];
      const item = instance.items[i];
      let known = false;
        let property: Value | null = null;
      if (properties !== null) property = properties.get(key);
      if (property !== null) {
        known = true;
        holds = this.inside(key, property, item) && holds;
      }
      if (patterns !== null) {
        for (let k = 0; k < patterns.keys.length; k++) {
          if (!this.matches(patterns.keys[k], key)) continue;
          known = true;
          holds = this.inside(key, patterns.items[k], item) && holds;
        }
      }
      if (!known && additional !== null) {
        known = true;
        holds = this.inside(key, additional, item) && holds;
      }
      if (known) own.marks[i] = true;
      if (names !== null) {
        const name = new Value(STRING, item.start);
        name.text = key;
        holds = this.inside(key, names, name) && holds;
      }
    }
    const dependent = schema.get('dependentSchemas');
    if (dependent !== null) {
      for (let i = 0; i < dependent.keys.length; i++) {
        if (instance.get(dependent.keys[i]) !== null) holds = this.evaluate(dependent.items[i], instance, own) && holds;
      }
    }
    return holds;
  }

  private elements(schema: Value, instance: Value, own: Seen): bool {
    let holds = true;
    const prefix = schema.get('prefixItems');
    const fixed = prefix === null ? 0 : prefix.items.length;
    const rest = schema.get('items');
    const contains = schema.get('contains');
    let contained = 0;
    for (let i = 0; i < instance.items.length; i++) {
      const item = instance.items[i];
      if (prefix !== null && i < fixed) {
        own.marks[i] = true;
        holds = this.inside(i.toString(), prefix.items[i], item) && holds;
      } else if (rest !== null) {
        own.marks[i] = true;
        holds = this.inside(i.toString(), rest, item) && holds;
      }
      if (contains !== null && this.tries(contains, item, new Seen(item))) {
        contained++;
        own.marks[i] = true;
      }
    }
    if (contains !== null) {
      const least = schema.numberOf('minContains', 1);
      const most = schema.numberOf('maxContains', f64.MAX_VALUE);
      if (contained < least || contained > most) holds = this.fault('contains', instance, contained.toString() + ' items match');
    }
    return holds;
  }

  private unevaluated(schema: Value, instance: Value, own: Seen): bool {
    const rule = schema.get(instance.kind == OBJECT ? 'unevaluatedProperties' : 'unevaluatedItems');
    if (rule === null || (instance.kind != OBJECT && instance.kind != ARRAY)) return true;
    let holds = true;
    for (let i = 0; i < instance.items.length; i++) {
      if (own.marks[i]) continue;
      own.marks[i] = true;
      const name = instance.kind == OBJECT ? instance.keys[i] : i.toString();
      holds = this.inside(name, rule, instance.items[i]) && holds;
    }
    return holds;
  }

  private assertions(schema: Value, instance: Value): bool {
    let holds = true;
    const type = schema.get('type');
    if (type !== null && !hasType(type, instance)) holds = this.fault('type', instance, 'must be ' + typeText(type));
    const options = schema.get('enum');
    if (options !== null) {
      let found = false;
      for (let i = 0; i < options.items.length && !found; i++) found = equal(options.items[i], instance);
      if (!found) holds = this.fault('enum', instance, 'is none of the listed values');
    }
    const constant = schema.get('const');
    if (constant !== null && !equal(constant, instance)) holds = this.fault('const', instance, 'is not the one allowed value');
    if (instance.kind == NUMBER) holds = this.numbers(schema, instance) && holds;
    if (instance.kind == STRING) holds = this.strings(schema, instance) && holds;
    if (instance.kind == ARRAY) holds = this.lists(schema, instance) && holds;
    if (instance.kind == OBJECT) holds = this.objects(schema, instance) && holds;
    return holds;
  }

  private bound(schema: Value, keyword: string, instance: Value, value: f64, sign: f64, strict: bool): bool {
    const limit = schema.get(keyword);
    if (limit === null || limit.kind != NUMBER) return true;
    const over = (value - limit.number) * sign;
    if (over < 0 || (!strict && over == 0)) return true;
    return this.fault(keyword, instance, value.toString() + ' breaks ' + keyword + ' ' + limit.number.toString());
  }

  private numbers(schema: Value, instance: Value): bool {
    const n = instance.number;
    let holds = this.bound(schema, 'maximum', instance, n, 1, false);
    holds = this.bound(schema, 'minimum', instance, n, -1, false) && holds;
    holds = this.bound(schema, 'exclusiveMaximum', instance, n, 1, true) && holds;
    holds = this.bound(schema, 'exclusiveMinimum', instance, n, -1, true) && holds;
    const step = schema.numberOf('multipleOf', 0);
    if (step != 0 && !isMultiple(n, step)) holds = this.fault('multipleOf', instance, n.toString() + ' is no multiple of ' + step.toString());
    return holds;
  }

  private strings(schema: Value, instance: Value): bool {
    let length = 0;
    for (let i = 0; i < instance.text.length; i++) if ((instance.text.charCodeAt(i) & 0xfc00) != 0xdc00) length++;
    let holds = this.bound(schema, 'maxLength', instance, length, 1, false);
    holds = this.bound(schema, 'minLength', instance, length, -1, false) && holds;
    const pattern = schema.get('pattern');
    if (pattern !== null && !this.matches(pattern.text, instance.text)) holds = this.fault('pattern', instance, 'does not match ' + pattern.text);
    return holds;
  }

  private lists(schema: Value, instance: Value): bool {
    const size = instance.items.length;
    let holds = this.bound(schema, 'maxItems', instance, size, 1, false);
    holds = this.bound(schema, 'minItems', instance, size, -1, false) && holds;
    if (!schema.boolOf('uniqueItems', false)) return holds;
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < i; k++) {
        if (!equal(instance.items[i], instance.items[k])) continue;
        return this.fault('uniqueItems', instance.items[i], 'items ' + k.toString() + ' and ' + i.toString() + ' are equal');
      }
    }
    return holds;
  }

  private objects(schema: Value, instance: Value): bool {
    const size = instance.keys.length;
    let holds = this.bound(schema, 'maxProperties', instance, size, 1, false);
    holds = this.bound(schema, 'minProperties', instance, size, -1, false) && holds;
    const required = schema.get('required');
    if (required !== null) holds = this.needs(required, instance, 'required') && holds;
    const dependent = schema.get('dependentRequired');
    if (dependent === null) return holds;
    for (let i = 0; i < dependent.keys.length; i++) {
      if (instance.get(dependent.keys[i]) !== null) holds = this.needs(dependent.items[i], instance, 'dependentRequired') && holds;
    }
    return holds;
  }

  private needs(names: Value, instance: Value, keyword: string): bool {
    let holds = true;
    for (let i = 0; i < names.items.length; i++) {
      if (instance.get(names.items[i].text) === null) holds = this.fault(keyword, instance, 'the member ' + names.items[i].text + ' is missing');
    }
    return holds;
  }

  private matches(pattern: string, text: string): bool {
    const found = findText(Bytes.of(toLinear(pattern)), Bytes.of(text), 0, 1);
    if (found !== null) return found.length > 0;
    if (this.broken == '') this.broken = 'the pattern ' + pattern + ' is not accepted; only what can be matched in linear time is';
    return false;
  }
}

function hasType(type: Value, instance: Value): bool {
  if (type.kind == STRING) return isType(type.text, instance);
  for (let i = 0; i < type.items.length; i++) if (isType(type.items[i].text, instance)) return true;
  return false;
}

function isType(name: string, instance: Value): bool {
  if (name == 'null') return instance.kind == NULL;
  if (name == 'boolean') return instance.kind == BOOL;
  if (name == 'number') return instance.kind == NUMBER;
  if (name == 'integer') return instance.kind == NUMBER && Math.floor(instance.number) == instance.number;
  if (name == 'string') return instance.kind == STRING;
  if (name == 'array') return instance.kind == ARRAY;
  return name == 'object' && instance.kind == OBJECT;
}

function typeText(type: Value): string {
  if (type.kind == STRING) return type.text;
  let text = '';
  for (let i = 0; i < type.items.length; i++) text += (i == 0 ? '' : ' or ') + type.items[i].text;
  return text;
}

/** Decimal fractions have no exact double, so a quotient within rounding of an integer counts as one. */
function isMultiple(value: f64, step: f64): bool {
  const quotient = value / step;
  if (!isFinite(quotient)) return NativeMath.abs(NativeMath.mod(value, step)) == 0;
  const nearest = Math.round(quotient);
  return Math.abs(quotient - nearest) <= Math.abs(quotient) * 1e-14 + (nearest == 0 ? 0 : 1e-12);
}

/** Deep equality of JSON values; numbers by value, members in any order. */
function equal(a: Value, b: Value): bool {
  if (a.kind != b.kind || a.items.length != b.items.length) return false;
  if (a.kind == BOOL) return a.bool == b.bool;
  if (a.kind == NUMBER) return a.number == b.number;
  if (a.kind == STRING) return a.text == b.text;
  for (let i = 0; i < a.items.length; i++) {
    const other = a.kind == OBJECT ? b.get(a.keys[i]) : b.items[i];
    if (other === null || !equal(a.items[i], other)) return false;
  }
  return true;
}
