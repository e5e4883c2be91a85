import type * as Opa from '@open-policy-agent/opa-wasm';
import type { LoadedPolicy } from '@open-policy-agent/opa-wasm';
import type { PolicyInput } from '#domain/policy-decision.ts';
import type { PolicySource } from '#policy/ports.ts';
import { OpaWasmError } from './errors.ts';
import { checkedFile, ENTRYPOINT, readManifest } from './manifest.ts';

/** In pages of 64 KiB, at most 256 MiB: a decision takes some 7 KiB for each path of a change, so this is a change of some 30 000 files. */
const MEMORY = { initial: 16, maximum: 4096 };

/** Bytes above which the memory is given back after a decision; it cannot shrink. */
const KEPT = 64 * 2 ** 20;

/**
 * Rego compiled to WebAssembly, in this process: about a twentieth of a millisecond a decision.
 * Throws POLICY_BUNDLE_UNREADABLE and POLICY_BUNDLE_ALTERED.
 */
export async function openOpaWasm(dir: string): Promise<PolicySource> {
  const manifest = await readManifest(dir);
  // Imported here, so that nobody else waits for it, and while other threads compile.
  const [compiled, opa] = await Promise.all([
    checkedFile(dir, manifest, 'policy.wasm').then((bytes) => WebAssembly.compile(bytes)),
    loadOpa(),
  ]);
  const data: unknown = JSON.parse((await checkedFile(dir, manifest, 'data.json')).toString('utf8'));
  // The module is compiled; the library's other way would load all of Node's fetch only to look whether it is a response.
  const start = (): LoadedPolicy => {
    const policy = opa.loadPolicySync(compiled, { ...MEMORY });
    policy.setData(dataOf(data));
    return policy;
  };
  let running: LoadedPolicy | undefined = start();
  return {
    name: 'opa-wasm',
    policyDigest: manifest.revision,
    ask: async (input) => {
      const policy = (running ??= start());
      try {
        const answer = evaluated(policy, input);
        if (policy.mem.buffer.byteLength > KEPT) running = undefined;
        return { answer, policyDigest: manifest.revision };
      } catch (cause) {
        running = undefined; // what broke off may have left its memory half written
        throw new OpaWasmError('POLICY_EVALUATION_FAILED', `the rules broke off: ${messageOf(cause)}`, {}, cause);
      }
    },
  };
}

async function loadOpa(): Promise<typeof Opa> {
  // The cast is true: a CommonJS package is the default of its module, and its types name what that holds.
  const { default: opa } = (await import('@open-policy-agent/opa-wasm')) as unknown as { readonly default: typeof Opa };
  return opa;
}

function evaluated(policy: LoadedPolicy, input: PolicyInput): unknown {
  const results: unknown = policy.evaluate(input, ENTRYPOINT);
  const first: unknown = Array.isArray(results) ? results[0] : undefined;
  return typeof first === 'object' && first !== null && 'result' in first ? first.result : undefined;
}

function dataOf(data: unknown): object {
  return typeof data === 'object' && data !== null ? data : {};
}

/** The library throws texts and plain objects too. */
function messageOf(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'message' in cause) return String(cause.message);
  return String(cause);
}
