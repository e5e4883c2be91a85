import { ABI, type AbiCapability, FUEL_EXPORT } from '#domain/plugin-abi.ts';
import type { Reason } from '#domain/reason.ts';
import { sha256 } from '#kernel/digest.ts';
import type { AdmittedModule, Limits, Permissions } from './ports.ts';
import { WASI_SIGNATURES } from '#domain/plugin-wasi.ts';
import { FeatureRefused, MalformedModule } from './wasm/byte-reader.ts';
import { instrument, memorySizeOf } from './wasm/instrument.ts';
import { type FunctionType, readModule, type WasmModule } from './wasm/module.ts';

const PAGE = 65_536;
const MOST_MODULE_BYTES = 4 * 1024 * 1024;
const MOST_TABLE_ELEMENTS = 65_536;
const VALUE_TYPES: Readonly<Record<number, string>> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64' };

export type Admission =
  | { readonly ok: true; readonly module: AdmittedModule; readonly functionNames: readonly string[] }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

export interface AdmitRequest {
  readonly bytes: Uint8Array;
  readonly permissions: Permissions;
  readonly limits: Limits;
  /** Counts fuel by function, for `plugin profile`. */
  readonly profile?: boolean;
}

/**
 * Decides whether a module may run at all, and makes the instrumented module that does. The bytes given here are the
 * bytes that are hashed and the bytes that are compiled; nothing is read a second time.
 */
export function admit(request: AdmitRequest): Admission {
  const { bytes } = request;
  if (bytes.length > MOST_MODULE_BYTES)
    return refuse(
      'WASM_LIMIT',
      `module of ${bytes.length} bytes, at most ${MOST_MODULE_BYTES}`,
      'Make the module smaller',
    );
  let module: WasmModule;
  let instrumented: Uint8Array;
  const memoryPages = Math.floor(request.limits.memory_bytes / PAGE);
  try {
    module = readModule(bytes);
    const reasons = judge(module, request);
    if (reasons.length > 0) return { ok: false, reasons };
    // Before the rewrite: an index that is out of range now could mean our fuel counter afterwards.
    if (!WebAssembly.validate(bytes))
      return refuse('WASM_INVALID', 'the module is not valid', 'Build the module again');
    instrumented = instrument(module, {
      memoryPages,
      tableElements: MOST_TABLE_ELEMENTS,
      profile: request.profile ?? false,
    });
  } catch (error) {
    if (error instanceof FeatureRefused)
      return refuse('WASM_FEATURE', `${error.feature} is not allowed`, `Build without ${error.feature}`);
    if (error instanceof MalformedModule || error instanceof TypeError)
      return refuse('WASM_INVALID', `the module is malformed: ${error.message}`, 'Build the module again');
    throw error;
  }
  if (!WebAssembly.validate(instrumented))
    return refuse('WASM_INVALID', 'the module cannot be instrumented', 'Build with another compiler');
  return {
    ok: true,
    module: {
      kind: isCommand(module) ? 'wasi-command' : 'abi-1',
      digest: sha256(bytes),
      instrumentedDigest: sha256(instrumented),
      bytes: instrumented,
      memory: memorySizeOf(module, memoryPages),
    },
    functionNames: module.codes.map((_, i) => module.names.get(i + module.imports.length) ?? `function ${i}`),
  };
}

function judge(module: WasmModule, request: AdmitRequest): Reason[] {
  return [...judgeImports(module, request.permissions), ...judgeExports(module), ...judgeSizes(module, request.limits)];
}

function judgeImports(module: WasmModule, permissions: Permissions): Reason[] {
  const reasons: Reason[] = [];
  for (const { module: namespace, name, type } of module.imports) {
    const field = `${namespace}.${name}`;
    const deny = (msg: string, fix: string): void => void reasons.push({ code: 'LINK_DENY', msg, field, fix });
    const signature = type === null ? null : signatureOf(module.types[type]);
    const wasi = namespace === 'wasi_snapshot_preview1' ? WASI_SIGNATURES.get(name) : undefined;
    const offered = ABI.get(namespace)?.get(name);
    if (signature === null) deny(`imports ${field}, which is not a function`, 'Import functions only');
    else if (wasi !== undefined) {
      if (wasi !== signature) deny(`imports ${field} as ${signature}, it is ${wasi}`, 'Use the declared signature');
    } else if (offered === undefined)
      deny(`imports ${field}, which no host offers`, 'Import only what the interface lists');
    else if (!granted(offered.capability, permissions))
      deny(
        `imports ${field} without the permission ${offered.capability}`,
        `Ask for ${offered.capability} in the manifest`,
      );
    else {
      const expected = `${offered.params.join(',')}:${offered.result ?? ''}`;
      if (signature !== expected)
        deny(`imports ${field} as ${signature}, it is ${expected}`, 'Use the declared signature');
    }
  }
  return reasons;
}

function granted(capability: AbiCapability, permissions: Permissions): boolean {
  if (capability === 'always') return true;
  const grant = permissions[capability];
  return typeof grant === 'boolean' ? grant : grant.length > 0;
}

function judgeExports(module: WasmModule): Reason[] {
  const reasons: Reason[] = [];
  const wrong = (field: string, msg: string): void =>
    void reasons.push({ code: 'ABI_EXPORT', msg, field, fix: 'Export memory, alloc and run, or memory and _start' });
  if (module.hasStart)
    reasons.push({
      code: 'WASM_FEATURE',
      msg: 'start function is not allowed',
      field: 'start',
      fix: 'Export `_initialize` instead; it is called once the limits are in place',
    });
  const signature = (name: string): string | null => {
    const found = module.exports.find((entry) => entry.name === name && entry.kind === 'function');
    if (found === undefined) return null;
    const index = found.index - module.imports.length;
    return signatureOf(module.types[(index < 0 ? module.imports[found.index]?.type : module.functions[index]) ?? -1]);
  };
  const require = (name: string, expected: string): void => {
    const actual = signature(name);
    if (actual !== expected) wrong(name, `${name} is ${actual ?? 'not exported'}, it must be a function ${expected}`);
  };
  if (!module.exports.some((entry) => entry.name === 'memory' && entry.kind === 'memory'))
    wrong('memory', 'no memory is exported under the name memory');
  if (module.memories.length !== 1)
    wrong('memory', `${module.memories.length} memories are defined, there must be one`);
  if (module.exports.some((entry) => entry.name.startsWith(FUEL_EXPORT)))
    wrong(FUEL_EXPORT, `${FUEL_EXPORT} is the host's own name`);
  if (isCommand(module)) require('_start', ':');
  else {
    require('alloc', 'i32:i32');
    require('run', 'i32,i32:i64');
    if (module.exports.some((entry) => entry.name === '_initialize')) require('_initialize', ':');
  }
  return reasons;
}

function judgeSizes(module: WasmModule, limits: Limits): Reason[] {
  const reasons: Reason[] = [];
  const least = (module.memories[0]?.min ?? 0) * PAGE;
  const elements = module.tables.reduce((sum, table) => sum + table.min, 0);
  const over = (msg: string, field: string, fix: string): void =>
    void reasons.push({ code: 'WASM_LIMIT', msg, field, fix });
  if (least > limits.memory_bytes)
    over(`starts with ${least} bytes of memory, at most ${limits.memory_bytes}`, 'memory', 'Ask for more memory_bytes');
  if (elements > MOST_TABLE_ELEMENTS || module.tables.length > 4)
    over(
      `${module.tables.length} tables with ${elements} elements, at most ${MOST_TABLE_ELEMENTS}`,
      'table',
      'Use a smaller table',
    );
  return reasons;
}

function isCommand(module: WasmModule): boolean {
  return (
    module.exports.some((entry) => entry.name === '_start') && !module.exports.some((entry) => entry.name === 'run')
  );
}

function signatureOf(type: FunctionType | undefined): string | null {
  if (type === undefined) return null;
  const text = (types: readonly number[]): string => types.map((one) => VALUE_TYPES[one] ?? 'funcref').join(',');
  return `${text(type.params)}:${text(type.results)}`;
}

function refuse(code: string, msg: string, fix: string): Admission {
  return { ok: false, reasons: [{ code, msg, field: 'module', fix }] };
}
