export { builtinPolicy } from './builtin.ts';
export type { PolicyEngine } from './ports.ts';
