export { opaServer } from './engine.ts';
