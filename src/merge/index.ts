export { resolveFile } from './resolve.ts';
