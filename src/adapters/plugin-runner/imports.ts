import { ABI, type AbiCapability, REFUSED } from '#domain/plugin-abi.ts';
import type { Permissions, PluginCall } from '#plugins/ports.ts';
import type { CallState } from './call-state.ts';
import type { GrantedFiles } from './host-fs.ts';
import type { LinearText } from './host-text.ts';
import type { SyntaxTrees } from './host-ast.ts';
import type { VirtualWorld } from './virtual-world.ts';

/** The engines behind the host calls; null where nothing was granted, so that they need not even be loaded. */
export interface Engines {
  readonly files: GrantedFiles | null;
  readonly text: LinearText | null;
  readonly trees: SyntaxTrees | null;
}

/** Host functions of one namespace, on an object without prototype. */
export type HostFunctions = { [name: string]: HostFunction };
type HostFunction = (...args: never[]) => unknown;

const MOST_PATTERN = 64 * 1024;
const MOST_SCRATCH = 4 * 1024 * 1024;

export function bareObject<T>(): { [name: string]: T } {
  // The cast is true: without a prototype there is nothing but what is put in.
  return Object.create(null) as { [name: string]: T };
}

/**
 * What a guest can link against: exactly the granted functions of the namespaces that it names (`wanted`), on objects without prototypes, because a module may ask
 * for any name (`constructor`, `__proto__`) and a plain object would answer.
 */
export function hostImports(
  call: Pick<PluginCall, 'permissions'>,
  wanted: ReadonlySet<string>,
  state: CallState,
  engines: Engines,
  world: VirtualWorld,
) {
  const offered = bareObject<HostFunctions>();
  if (wanted.size === 0) return offered;
  const implementations = new Map([
    ...hostFunctions(state, world),
    ...engineFunctions(state, engines),
    ...scratchFunctions(state),
  ]);
  for (const [namespace, functions] of ABI) {
    if (!wanted.has(namespace)) continue;
    const members = bareObject<HostFunction>();
    for (const [name, { capability }] of functions) {
      const implementation = implementations.get(`${namespace}.${name}`);
      if (implementation === undefined || !isGranted(capability, call.permissions)) continue;
      members[name] = (...args) => {
        state.enter();
        return implementation(...args);
      };
    }
    offered[namespace] = members;
  }
  return offered;
}

function isGranted(capability: AbiCapability, permissions: Permissions): boolean {
  if (capability === 'always') return true;
  const grant = permissions[capability];
  return typeof grant === 'boolean' ? grant : grant.length > 0;
}

function hostFunctions(state: CallState, world: VirtualWorld): [string, HostFunction][] {
  return [
    [
      'maestro:host@1.take',
      (pointer: number, cap: number): number => {
        if (state.held.length > cap >>> 0) return REFUSED.tooSmall;
        state.view(pointer, state.held.length).set(state.held);
        return state.held.length;
      },
    ],
    ['maestro:host@1.now', () => BigInt(world.now())],
    ['maestro:host@1.random', () => world.word64()],
    [
      'maestro:log@1.write',
      (level: number, pointer: number, length: number): void =>
        state.write(
          `${['debug', 'info', 'warn', 'error'][level] ?? 'info'}: ${state.text(pointer, length) ?? '(not text)'}`,
        ),
    ],
  ];
}

function engineFunctions(state: CallState, { files, text, trees }: Engines): [string, HostFunction][] {
  const noWorkspace = (): number => state.refuse('FS_ABSENT', 'there is no workspace', REFUSED.absent);
  const query = (
    lang: number,
    langLen: number,
    source: number,
    sourceLen: number,
    pattern: number,
    patternLen: number,
  ) => ({
    language: state.text(lang, langLen),
    source: state.text(source, sourceLen, state.limits.memory_bytes),
    pattern: state.text(pattern, patternLen, MOST_PATTERN),
  });
  return [
    [
      'maestro:fs@1.read',
      (pointer: number, length: number) => files?.read(state.text(pointer, length)) ?? noWorkspace(),
    ],
    [
      'maestro:fs@1.list',
      (pointer: number, length: number) => files?.list(state.text(pointer, length)) ?? noWorkspace(),
    ],
    [
      'maestro:text@1.find',
      (pattern: number, patternLen: number, at: number, length: number, flags: number, max: number) =>
        text?.find(state.text(pattern, patternLen, MOST_PATTERN), state.view(at, length), flags, max),
    ],
    ['maestro:ast@1.find', (...args: Parameters<typeof query>) => trees?.find(query(...args))],
    [
      'maestro:ast@1.rewrite',
      (a: number, b: number, c: number, d: number, e: number, f: number, replacement: number, length: number) =>
        trees?.rewrite(query(a, b, c, d, e, f), state.text(replacement, length, MOST_PATTERN)),
    ],
  ];
}

function scratchFunctions(state: CallState): [string, HostFunction][] {
  const scratch = new Map<string, Uint8Array>();
  let bytes = 0;
  return [
    [
      'maestro:kv@1.get',
      (pointer: number, length: number): number => {
        const value = scratch.get(state.text(pointer, length) ?? '');
        return value === undefined ? REFUSED.absent : state.hold(value);
      },
    ],
    [
      'maestro:kv@1.set',
      (pointer: number, length: number, at: number, size: number): number => {
        const key = state.text(pointer, length);
        if (key === null || key === '') return REFUSED.invalid;
        const value = state.view(at, size).slice();
        bytes += value.length + key.length + 64 - (scratch.get(key)?.length ?? 0);
        if (bytes > MOST_SCRATCH) state.stop('KV_QUOTA', `more than ${MOST_SCRATCH} bytes of scratch`);
        scratch.set(key, value);
        return 0;
      },
    ],
  ];
}
