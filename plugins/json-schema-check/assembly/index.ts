import { answer, Bytes, listFiles, readFile } from '../../sdk/assembly/host';
import { ARRAY, JsonReader, OBJECT, parseJson, STRING, Value } from '../../sdk/assembly/json';
import { JsonWriter } from '../../sdk/assembly/writer';
import { META } from './meta';
import { Registry } from './registry';
import { Fault, Validator } from './validate';
import { YamlReader } from './yaml';

export { alloc } from '../../sdk/assembly/host';

/**
 * Checks files against a schema of JSON Schema 2020-12: {schema: object, boolean or path, glob, remotes: {uri: schema}},
 * or values that are part of the input: {schema, instances: [...]}.
 */
export function run(ptr: usize, length: i32): i64 {
  const input = parseJson(new Bytes(ptr, length));
  if (input === null) return failure('the input is not JSON');
  const given = input.get('schema');
  if (given === null) return failure('schema is missing');
  const schema = given.kind == STRING ? readSchema(given.text) : given;
  if (schema === null) return failure('the schema file cannot be read');
  const registry = new Registry();
  for (let i = 0; i < META.length; i += 2) {
    const meta = parseJson(Bytes.of(META[i + 1]));
    if (meta !== null) registry.add(META[i], meta);
  }
  const remotes = input.get('remotes');
  if (remotes !== null) for (let i = 0; i < remotes.keys.length; i++) registry.add(remotes.keys[i], remotes.items[i]);
  registry.add('schema:given', schema);
  const out = new JsonWriter().open('{');
  const instances = input.get('instances');
  if (instances !== null && instances.kind == ARRAY) checkInstances(out, registry, schema, instances);
  else checkFiles(out, registry, schema, input.textOf('glob', '**/*.json'));
  return answer(out.close('}').done());
}

function readSchema(path: string): Value | null {
  const text = readFile(path);
  if (text === null) return null;
  return isYaml(path) ? new YamlReader(text).parse() : parseJson(text);
}

function isYaml(path: string): bool {
  return path.endsWith('.yaml') || path.endsWith('.yml');
}

function checkInstances(out: JsonWriter, registry: Registry, schema: Value, instances: Value): void {
  out.name('results').open('[');
  for (let i = 0; i < instances.items.length; i++) {
    const validator = new Validator(registry);
    const valid = validator.check(schema, instances.items[i]);
    out.open('{').name('valid').bool(valid).name('errors').open('[');
    for (let k = 0; k < validator.faults.length; k++) fault(out, validator.faults[k], null);
    out.close(']');
    if (validator.broken != '') out.name('broken').text(validator.broken);
    out.close('}');
  }
  out.close(']');
}

function checkFiles(out: JsonWriter, registry: Registry, schema: Value, glob: string): void {
  const paths = listFiles(glob);
  let invalid = 0;
  out.name('results').open('[');
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i].text();
    const text = readFile(path);
    if (text === null) continue;
    if (!checkFile(out, registry, schema, path, text)) invalid++;
  }
  out.close(']').name('files').number(paths.length).name('invalid').number(invalid);
}

function checkFile(out: JsonWriter, registry: Registry, schema: Value, path: string, text: Bytes): bool {
  const validator = new Validator(registry);
  let valid = false;
  if (isYaml(path)) {
    const yaml = new YamlReader(text);
    const value = yaml.parse();
    if (value === null) validator.faults.push(new Fault('', yaml.at, 'syntax', yaml.fault));
    else valid = validator.check(schema, value);
  } else {
    const json = new JsonReader(text);
    const value = json.parse();
    if (value === null) validator.faults.push(new Fault('', json.at, 'syntax', json.fault));
    else valid = validator.check(schema, value);
  }
  out.open('{').name('path').text(path).name('valid').bool(valid).name('errors').open('[');
  for (let k = 0; k < validator.faults.length; k++) fault(out, validator.faults[k], text);
  out.close(']');
  if (validator.broken != '') out.name('broken').text(validator.broken);
  out.close('}');
  return valid;
}

function fault(out: JsonWriter, one: Fault, text: Bytes | null): void {
  out.open('{').name('pointer').text(one.pointer).name('keyword').text(one.keyword).name('message').text(one.message);
  if (text !== null) {
    let line = 1;
    let lineStart = 0;
    for (let i = 0; i < min(one.start, text.length); i++) {
      if (text.at(i) != 10) continue;
      line++;
      lineStart = i + 1;
    }
    out.name('line').number(line).name('column').number(one.start - lineStart + 1);
  }
  out.close('}');
}

function failure(why: string): i64 {
  return answer(new JsonWriter().open('{').name('error').text(why).close('}').done());
}
