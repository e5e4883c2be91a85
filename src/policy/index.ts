export { BUILTIN_RULES, builtinPolicy } from './builtin.ts';
export { POLICY_ERRORS, PolicyError } from './errors.ts';
export { outsideEngine } from './outside-engine.ts';
export type { PolicyEngine } from './ports.ts';
