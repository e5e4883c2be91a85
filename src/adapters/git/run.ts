import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Git, GitCommand, GitOutput } from '#domain/git.ts';
import { GIT_ERRORS, GitError } from './errors.ts';

const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

// Command-line settings beat those in a repository's own config, so a hostile one cannot name programs to run here.
// Filters and merge drivers have free names and cannot be listed: run those commands only where the host wrote the config.
const SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.alternateRefsCommand=true',
  'core.autocrlf=false',
  'core.fileMode=true',
  'core.symlinks=true',
  'core.quotePath=true',
  'credential.helper=',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'diff.external=',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'protocol.ext.allow=never',
  'advice.detachedHead=false',
];

const ENVIRONMENT: { readonly [name: string]: string } = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'false',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
  GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_EDITOR: 'false',
  GIT_PAGER: 'cat',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Where git is, on `searchPath`; `home` is only for the keys of ssh. */
export interface GitPlace {
  readonly searchPath: string;
  readonly home?: string;
}

export function gitOn(place: GitPlace): Git {
  const run = (command: GitCommand): Promise<GitOutput> => runGit(command, place);
  const text = async (command: GitCommand): Promise<string> =>
    (await run(command)).stdout.toString('utf8').replace(/\n$/, '');
  return { run, text };
}

/** Starts git with open pipes, for what must stream. Whoever starts it ends it. */
export function startGit(command: GitCommand, place: GitPlace): ChildProcessWithoutNullStreams {
  const base = { ...ENVIRONMENT, PATH: place.searchPath, HOME: place.home ?? '/nonexistent' };
  return spawn('git', argumentsOf(command), {
    // A folder that always exists: a missing `cwd` would otherwise look like a missing git.
    cwd: '/',
    env: { ...base, ...placesOf(command), ...command.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function runGit(command: GitCommand, place: GitPlace): Promise<GitOutput> {
  command.signal?.throwIfAborted();
  const child = startGit(command, place);
  const tooLarge = command.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  const stdout = collect(child.stdout, tooLarge, () => child.kill());
  const words = lastWords(child.stderr);
  if (command.onProgress !== undefined) child.stderr.on('data', progressLines(command.onProgress));
  const abort = (): boolean => child.kill();
  command.signal?.addEventListener('abort', abort, { once: true });
  // Git may end without reading its input; what it says of that is in its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(command.stdin ?? '');

  const ended = await new Promise<{ code: number | null; signal: string | null; fault?: Error }>((resolve) => {
    child.on('error', (fault) => resolve({ code: null, signal: null, fault }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  command.signal?.removeEventListener('abort', abort);
  command.signal?.throwIfAborted();
  if (ended.fault !== undefined) throw missing(ended.fault);
  if (stdout.size > tooLarge) throw tooMuch(command, tooLarge);
  const output = { exitCode: ended.code ?? -1, stdout: stdout.bytes(), stderr: words() };
  if (!(command.accept ?? [0]).includes(output.exitCode)) throw failed(command, output, ended.signal);
  return output;
}

function argumentsOf(command: GitCommand): string[] {
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const place = command.cwd === undefined ? [] : ['-C', command.cwd];
  return ['--no-pager', ...settings, ...place, ...command.args];
}

function placesOf(command: GitCommand): { [name: string]: string } {
  return {
    ...(command.gitDir === undefined ? {} : { GIT_DIR: command.gitDir }),
    ...(command.workTree === undefined ? {} : { GIT_WORK_TREE: command.workTree }),
  };
}

/** Git ends a line of progress that it will write over with a carriage return. */
function progressLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split(/[\r\n]+/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.trim());
  };
}

interface Collected {
  readonly size: number;
  bytes(): Buffer;
}

function collect(stream: NodeJS.ReadableStream, limit: number, onOverflow: () => void): Collected {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else onOverflow();
  });
  return {
    get size() {
      return size;
    },
    bytes: () => Buffer.concat(chunks),
  };
}

const MAX_WORDS = 64 * 1024;

/** What git said at last, without lines of progress: those that it wrote over. */
function lastWords(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).replaceAll(/[^\r\n]*\r(?!\n)/g, '').slice(-MAX_WORDS);
  });
  return () => text.trim();
}

function missing(cause: Error): GitError {
  return new GitError({
    code: 'GIT_MISSING',
    message: 'git could not be started',
    cure: GIT_ERRORS.GIT_MISSING.cure,
    cause,
  });
}

function tooMuch(command: GitCommand, limit: number): GitError {
  return new GitError({
    code: 'GIT_OUTPUT_TOO_LARGE',
    message: `git ${command.args[0] ?? ''} printed more than ${limit} bytes`,
    cure: GIT_ERRORS.GIT_OUTPUT_TOO_LARGE.cure,
    details: { args: command.args, limit },
  });
}

/** The word that names what was to be done, after the options of git itself. */
function subcommandOf({ args }: GitCommand): string {
  let at = 0;
  while (args[at] === '-c') at += 2;
  return args[at] ?? '';
}

function failed(command: GitCommand, output: GitOutput, signal: string | null): GitError {
  const how = signal === null ? `exit ${output.exitCode}` : `signal ${signal}`;
  const words = output.stderr || output.stdout.subarray(0, 2000).toString('utf8').trim();
  return new GitError({
    code: 'GIT_FAILED',
    message: `git ${subcommandOf(command)} failed (${how}): ${words || 'it said nothing'}`,
    cure: GIT_ERRORS.GIT_FAILED.cure,
    details: { args: command.args, exitCode: output.exitCode, stderr: output.stderr },
  });
}
