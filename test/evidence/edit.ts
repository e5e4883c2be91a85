import type { FolderFiles } from '#evidence/ports.ts';
import type { Json } from '#kernel/json.ts';

export type Edit = (files: FolderFiles) => FolderFiles;
/** Gets a text as it is, anything else as JSON. */
type Change = (value: string) => Json;

/** Gives a folder in which one file is another one, or gone. */
export function withFile(file: string, change: (text: string) => string | undefined): Edit {
  return (files) => {
    const edited = new Map(files);
    const text = change(Buffer.from(files.get(file) ?? '').toString('utf8'));
    if (text === undefined) edited.delete(file);
    else edited.set(file, Buffer.from(text));
    return edited;
  };
}

/** Edits a value of a bundle, as someone without any key can; `path` is dotted. */
export function withBundle(name: string, path: string, change: Change): Edit {
  return withFile(`${name}.sigstore.json`, (text) =>
    JSON.stringify(changed(JSON.parse(text), path.split('.'), change)),
  );
}

/** Edits a value of what a payload says, leaving signature and log entry as they were. */
export function withStatement(name: string, path: string, change: Change): Edit {
  return withBundle(name, 'dsseEnvelope.payload', (payload) => {
    const statement: Json = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
    return Buffer.from(JSON.stringify(changed(statement, path.split('.'), change))).toString('base64');
  });
}

/** The same value with one bit of its first byte turned. */
export function turned(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return bytes.toString('base64');
}

function changed(json: Json, path: readonly string[], change: Change): Json {
  const [key, ...rest] = path;
  if (key === undefined) return change(typeof json === 'string' ? json : JSON.stringify(json));
  if (Array.isArray(json)) return json.with(Number(key), changed(json[Number(key)] ?? null, rest, change));
  const record = json as { readonly [name: string]: Json };
  return { ...record, [key]: changed(record[key] ?? null, rest, change) };
}
