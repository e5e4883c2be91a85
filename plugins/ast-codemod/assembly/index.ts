import { answer, Bytes, languageOf, listFiles, readFile, rewriteTree } from '../../sdk/assembly/host';
import { parseJson, Value } from '../../sdk/assembly/json';
import { sha256 } from '../../sdk/assembly/sha256';
import { JsonWriter } from '../../sdk/assembly/writer';
import { Edit, fixImports } from './imports';

export { alloc } from '../../sdk/assembly/host';

/**
 * Proposes edits: {pattern, rewrite, glob, import: {name, from}, unimport: {name, from}}. The host checks and applies
 * them; this plugin cannot write. Edits are byte ranges of the files as they were read.
 */
export function run(ptr: usize, length: i32): i64 {
  const input = parseJson(new Bytes(ptr, length));
  if (input === null) return failure('the input is not JSON');
  const pattern = input.textOf('pattern', '');
  const replacement = input.get('rewrite');
  if (pattern == '' || replacement === null) return failure('pattern and rewrite are needed');
  const paths = listFiles(input.textOf('glob', '**/*.ts'));
  const out = new JsonWriter();
  let files = 0;
  let matches = 0;
  out.open('{').name('edits').open('[');
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i].text();
    const language = languageOf(path);
    if (language == '') continue;
    const source = readFile(path);
    if (source === null) continue;
    const json = rewriteTree(language, source, pattern, replacement.text);
    if (json === null) continue; // not UTF-8, too long or too deep: left as it is
    const found = parseJson(json);
    if (found === null || found.items.length == 0) continue;
    const edits = toEdits(found);
    files++;
    matches += edits.length;
    write(out, path, source, fixImports(source, edits, input.get('import'), input.get('unimport')));
  }
  out.close(']').name('files').number(files).name('matches').number(matches);
  return answer(out.close('}').done());
}

function toEdits(found: Value): Edit[] {
  const edits: Edit[] = [];
  for (let i = 0; i < found.items.length; i++) {
    const item = found.items[i];
    edits.push(new Edit(<i32>item.numberOf('start', 0), <i32>item.numberOf('end', 0), item.textOf('text', '')));
  }
  return edits;
}

function write(out: JsonWriter, path: string, source: Bytes, edits: Edit[]): void {
  out.open('{').name('path').text(path).name('sha256').text(sha256(source)).name('edits').open('[');
  for (let i = 0; i < edits.length; i++) {
    const edit = edits[i];
    out.open('{').name('start').number(edit.start).name('end').number(edit.end).name('text').text(edit.text).close('}');
  }
  out.close(']').close('}');
}

function failure(why: string): i64 {
  return answer(new JsonWriter().open('{').name('error').text(why).name('edits').open('[').close(']').close('}').done());
}
