import { ARRAY, OBJECT, STRING, Value } from '../../sdk/assembly/json';
import { fragmentOf, resolveUri, withoutFragment } from './uri';

const SCHEMAS_BY_NAME: string[] = ['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas'];
const SCHEMA_LISTS: string[] = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const SCHEMAS: string[] = [
  'items', 'contains', 'additionalProperties', 'propertyNames', 'if', 'then', 'else', 'not',
  'unevaluatedItems', 'unevaluatedProperties', 'contentSchema',
];

/** A schema with an identifier of its own, and the anchors inside it. */
export class Resource {
  anchors: Map<string, Value> = new Map<string, Value>();
  dynamic: Map<string, Value> = new Map<string, Value>();

  constructor(
    public uri: string,
    public root: Value,
  ) {}
}

/** Everything that a reference can lead to. A schema's `note` is the index of its resource. */
export class Registry {
  resources: Resource[] = [];
  private byUri: Map<string, i32> = new Map<string, i32>();

  /** Files a document under its retrieval address and all identifiers inside it. */
  add(uri: string, document: Value): void {
    this.resources.push(new Resource(uri, document));
    const index = this.resources.length - 1;
    this.byUri.set(uri, index);
    this.file(document, index);
  }

  private file(schema: Value, outer: i32): void {
    if (schema.note >= 0) return;
    let index = outer;
    const id = schema.get('$id');
    if (id !== null && id.kind == STRING) {
      const uri = withoutFragment(resolveUri(this.resources[outer].uri, id.text));
      if (this.resources[outer].root === schema) {
        this.resources[outer].uri = uri;
        this.byUri.set(uri, outer);
      } else {
        this.resources.push(new Resource(uri, schema));
        index = this.resources.length - 1;
        this.byUri.set(uri, index);
      }
    }
    schema.note = index;
    if (schema.kind != OBJECT) return;
    const anchor = schema.textOf('$anchor', '');
    if (anchor != '') this.resources[index].anchors.set(anchor, schema);
    const dynamic = schema.textOf('$dynamicAnchor', '');
    if (dynamic != '') {
      this.resources[index].anchors.set(dynamic, schema);
      this.resources[index].dynamic.set(dynamic, schema);
    }
    for (let i = 0; i < schema.keys.length; i++) {
      const key = schema.keys[i];
      const value = schema.items[i];
      const inner = (SCHEMAS_BY_NAME.includes(key) && value.kind == OBJECT) || (SCHEMA_LISTS.includes(key) && value.kind == ARRAY);
      if (inner) for (let k = 0; k < value.items.length; k++) this.file(value.items[k], index);
      else if (SCHEMAS.includes(key)) this.file(value, index);
    }
  }

  /** The schema that a reference in resource `from` names; null when there is none. */
  resolve(from: i32, reference: string): Value | null {
    const uri = resolveUri(this.resources[from].uri, reference);
    const base = withoutFragment(uri);
    if (!this.byUri.has(base)) return null;
    const resource = this.resources[this.byUri.get(base)];
    const fragment = fragmentOf(uri);
    if (fragment == '') return resource.root;
    if (!fragment.startsWith('/')) return resource.anchors.has(fragment) ? resource.anchors.get(fragment) : null;
    return this.follow(this.byUri.get(base), fragment);
  }

  /** A JSON pointer (RFC 6901), also into places that are not schemas by any known keyword. */
  private follow(start: i32, pointer: string): Value | null {
    let index = start;
    let value = this.resources[start].root;
    const parts = pointer.split('/');
    for (let i = 1; i < parts.length; i++) {
      const part = parts[i].replaceAll('~1', '/').replaceAll('~0', '~');
      let next: Value | null = null;
      if (value.kind == ARRAY) {
        const at = <i32>parseInt(part);
        if (at >= 0 && at < value.items.length) next = value.items[at];
      } else next = value.get(part);
      if (next === null) return null;
      value = next;
      if (value.note >= 0) index = value.note;
    }
    this.file(value, index);
    return value;
  }
}
