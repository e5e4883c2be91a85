import type { Reason } from '#domain/reason.ts';
import { reason } from './reasons.ts';

/** What is known of a repository at one tree. */
export interface CommandFacts {
  /** The repository's own setting; it wins. */
  readonly setting?: readonly string[];
  readonly rootNames: readonly string[];
  /** Null when it is there and not text; undefined when there is none. */
  readonly packageJson: string | null | undefined;
}

export type FoundCommand =
  | { readonly kind: 'found'; readonly argv: readonly string[] }
  | { readonly kind: 'none'; readonly reason: Reason };

const LOCK_FILES: readonly (readonly [file: string, program: string])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
];

/** What `npm init` writes when nobody has thought of tests. */
const NPM_PLACEHOLDER = /^echo\s+"?Error: no test specified"?/;

/** The repository's own test command: its setting, else the `test` script run by the package manager of its lock file. */
export function testCommandOf(facts: CommandFacts): FoundCommand {
  if (facts.setting !== undefined && facts.setting.length > 0) return { kind: 'found', argv: facts.setting };
  if (facts.packageJson === undefined) return none('NO_TEST_COMMAND', 'the repository has no package.json');

  const scripts = scriptsOf(facts.packageJson);
  if (scripts === undefined) return none('PACKAGE_JSON_UNREADABLE', 'package.json cannot be read as JSON');
  const script = scripts['test']?.trim() ?? '';
  if (script === '') return none('NO_TEST_COMMAND', 'package.json has no `test` script');
  if (NPM_PLACEHOLDER.test(script)) {
    return none('NO_TEST_COMMAND', 'the `test` script of package.json is the placeholder that npm wrote');
  }
  const program = LOCK_FILES.find(([file]) => facts.rootNames.includes(file))?.[1] ?? 'npm';
  return { kind: 'found', argv: [program, 'test'] };
}

/** The scripts of a package.json, or undefined when it is not an object in JSON. */
export function scriptsOf(packageJson: string | null): { readonly [name: string]: string } | undefined {
  const parsed = objectOf(packageJson);
  if (parsed === undefined) return undefined;
  const scripts = typeof parsed['scripts'] === 'object' && parsed['scripts'] !== null ? parsed['scripts'] : {};
  return Object.fromEntries(Object.entries(scripts).filter(([, text]) => typeof text === 'string'));
}

/** A JSON object, or undefined when the text is anything else. */
export function objectOf(text: string | null): { readonly [key: string]: unknown } | undefined {
  if (text === null) return undefined;
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return { ...parsed };
  } catch {
    return undefined;
  }
}

function none(code: 'NO_TEST_COMMAND' | 'PACKAGE_JSON_UNREADABLE', msg: string): FoundCommand {
  return { kind: 'none', reason: reason(code, 'repo.testCommand', msg) };
}
