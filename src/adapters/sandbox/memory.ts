import type { SandboxLimits } from '#domain/sandbox.ts';

// Node reserves far more address space than it uses and does not start below this.
const LEAST_ADDRESS_SPACE = 2 * 1024 ** 3;

/** Bytes of address space (RLIMIT_AS) that each process may have. */
export function addressSpace(limits: SandboxLimits): number {
  return Math.max(limits.memoryBytes, LEAST_ADDRESS_SPACE);
}
