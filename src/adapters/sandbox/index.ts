export { detectSandbox, type SandboxOptions } from './detect.ts';
export { SANDBOX_ERRORS, SandboxError, type SandboxErrorCode } from './errors.ts';
export { processSandbox } from './process/sandbox.ts';
export { endOrphans } from './orphans.ts';
