export { builtinPolicy } from './builtin.ts';
