import type { SandboxLimits } from '#domain/sandbox.ts';

// Node does not start with much less.
const LEAST_BYTES = 2 * 1024 ** 3;

/**
 * Bytes of private writable memory (RLIMIT_DATA) that each process may have. Not address space (RLIMIT_AS): Node
 * reserves ten GiB of it for each WebAssembly memory, and never touches most.
 */
export function privateMemory(limits: SandboxLimits): number {
  return Math.max(limits.memoryBytes, LEAST_BYTES);
}
