import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Texts by where they were found: what a process printed, a file, a table. */
export type Found = Map<string, string>;

/** Every file below a folder, as bytes one by one, but those that may hold secrets. */
export function filesOf(dir: string, but: (path: string) => boolean): Found {
  const found: Found = new Map();
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || but(relative(dir, path))) continue;
    found.set(path, readFileSync(path).toString('latin1'));
  }
  return found;
}

/** The ways in which a secret may stand in a text. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Base64 of a text in the middle of another one depends on where it begins.
  const inBase64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(before === 0 ? 0 : before + 1, -1);
  });
  const urlSafe = inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const inUrl = encodeURIComponent(secret);
  return [
    ...new Set([secret, bytes.toString('hex'), inUrl, JSON.stringify(secret).slice(1, -1), ...inBase64, ...urlSafe]),
  ];
}

/** Which secret stands where, in whatever form: `provider key in stdout of worker`. */
export function scan(secrets: { readonly [name: string]: string }, ...texts: readonly Found[]): string[] {
  const hits: string[] = [];
  for (const [name, secret] of Object.entries(secrets)) {
    if (secret.length < 12) throw new Error(`${name} is too short to be told from other texts`);
    for (const form of formsOf(secret)) {
      for (const found of texts) {
        for (const [where, text] of found) if (text.includes(form)) hits.push(`${name} in ${where}`);
      }
    }
  }
  return [...new Set(hits)].sort();
}
