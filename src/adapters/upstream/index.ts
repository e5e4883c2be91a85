export { HttpUpstream } from './upstream.ts';
