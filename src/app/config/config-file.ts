import { parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';

/** Settings of one YAML file, by dotted name; groups may be nested (`sandbox: { mode: require }`) or dotted. */
export function settingsIn(path: string, yaml: string): ReadonlyMap<string, string> {
  const document = parseDocument(yaml);
  const [error] = document.errors;
  if (error) {
    // The parser's message quotes the file, which may hold secrets.
    const line = error.linePos?.[0].line ?? 0;
    throw new ConfigError('CONFIG_UNREADABLE', `${path} is not valid YAML (line ${line}: ${error.code})`, {
      path,
      line,
    });
  }
  const found = new Map<string, string>();
  const root: unknown = document.toJS();
  if (root !== null && !isGroup(root)) {
    throw new ConfigError('CONFIG_UNREADABLE', `${path} must hold names and values`, { path });
  }
  collect(root ?? {}, '', found, path);
  return found;
}

function collect(
  group: { readonly [key: string]: unknown },
  prefix: string,
  found: Map<string, string>,
  path: string,
): void {
  for (const [key, value] of Object.entries(group)) {
    const name = `${prefix}${key}`;
    if (isGroup(value)) {
      collect(value, `${name}.`, found, path);
      continue;
    }
    const text = asText(value);
    if (text === undefined) {
      throw new ConfigError(
        'CONFIG_BAD_VALUE',
        `${name} in ${path} must be a text, number, yes or no, or list of texts`,
        {
          setting: name,
          path,
        },
      );
    }
    found.set(name, text);
  }
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(',');
  return undefined;
}

function isGroup(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
